import type { OfferFilter } from '../../domain/offer-filter.ts';
import type { MenuQuery } from '../../inventory/menu.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { AskedBefore } from '../asked-before.ts';
import type { offersQuery } from '../schemas/offer-schemas.ts';
import { numberBounds } from '../validation/number-bounds.ts';
import { decimal } from '../validation/query-coercion.ts';
import { type OffersQuery, pageQuery } from './menu-query.ts';
import { filterProblems, offerFilter } from './offer-filter.ts';

/** What one parameter asks for: either of the two. */
interface Part {
  readonly filter: OfferFilter | undefined;
  readonly page: Partial<Omit<MenuQuery, 'filters'>> | undefined;
  /** One bit for each thing that can be asked for: no two parameters of a query may ask for the same. */
  readonly bit: number;
}

const MAX_KEPT = 1_000;
const MAX_SEARCH_CHARS = 500;

/** Names of one thing stand together. A template is looked up elsewhere, and so no part of what can be read here. */
const OF_THE_FILTER = [
  ['provider'],
  ['gpu_type'],
  ['location'],
  ['min_vram'],
  ['max_price'],
  ['min_gpu_count', 'gpu_count'],
  ['min_reliability'],
  ['min_availability_confidence'],
  ['min_cuda'],
] as const satisfies readonly (readonly (keyof OffersQuery)[])[];
const FILTER_NAMES = OF_THE_FILTER.flat();
const THINGS = [['sort'], ['limit'], ['offset'], ...OF_THE_FILTER] as const;

const BITS: ReadonlyMap<string, number> = new Map(
  THINGS.flatMap((names, number) => names.map((name) => [name, 1 << number] as const)),
);

/**
 * Reads queries of the menu parameter by parameter, and keeps what each of them asks for from the second time on: callers
 * combine the same few in ever new ways. What a parameter means does not depend on those beside it, save where two ask for
 * one thing.
 */
export class MenuQueryReader {
  /** The filter's parameters that are numbers, and whether one is valid there. */
  readonly #numbers = new Map<string, (value: number) => boolean>();
  readonly #parts = new BoundedMap<string, Part>(MAX_KEPT);
  readonly #asked = new AskedBefore();

  constructor({ properties }: ReturnType<typeof offersQuery>) {
    for (const name of FILTER_NAMES) {
      const isValid = numberBounds(properties[name]);
      if (isValid) this.#numbers.set(name, isValid);
    }
  }

  /**
   * Undefined for whatever is to be read, or refused, the usual way. `readOne` has the query of a single parameter, or
   * undefined where that is not valid.
   */
  read(search: string, readOne: ReadOne): MenuQuery | undefined {
    if (search.length > MAX_SEARCH_CHARS) return undefined;
    const filters: OfferFilter[] = [];
    let page = USUAL_PAGE;
    let given = 0;
    for (const parameter of search.split('&')) {
      if (parameter === '') continue;
      const part = this.#parts.get(parameter) ?? this.#learn(parameter, readOne);
      if (part === undefined || (given & part.bit) !== 0) return undefined;
      given |= part.bit;
      if (part.filter) filters.push(part.filter);
      if (part.page) page = { ...page, ...part.page };
    }
    const { sort, descending, limit, offset } = page;
    return { filters, sort, descending, limit, offset };
  }

  #learn(parameter: string, readOne: ReadOne): Part | undefined {
    const part = this.#numberPart(parameter) ?? partOf(readOne(parameter));
    if (part && this.#asked.has(parameter)) this.#parts.set(parameter, part);
    return part;
  }

  /** Of numbers there are so many that most come once: these are held against their schema here, without a detour. */
  #numberPart(parameter: string): Part | undefined {
    const [name = ''] = parameter.split('=', 1);
    const isValid = this.#numbers.get(name);
    if (isValid === undefined) return undefined;
    const value = decimal(parameter.slice(name.length + 1));
    if (value === undefined || !isValid(value)) return undefined;
    return { filter: offerFilter({ [name]: value }), page: undefined, bit: BITS.get(name) ?? 0 };
  }
}

type ReadOne = (parameter: string) => OffersQuery | undefined;

function partOf(query: OffersQuery | undefined): Part | undefined {
  const [name = ''] = Object.keys(query ?? {});
  const bit = BITS.get(name);
  if (query === undefined || bit === undefined || filterProblems(query).length > 0)
    return undefined;
  const { sort, descending, limit, offset } = pageQuery(query);
  switch (name) {
    case 'sort':
      return { filter: undefined, page: { sort, descending }, bit };
    case 'limit':
      return { filter: undefined, page: { limit }, bit };
    case 'offset':
      return { filter: undefined, page: { offset }, bit };
    default:
      return { filter: offerFilter(query), page: undefined, bit };
  }
}

const USUAL_PAGE = pageQuery({});
