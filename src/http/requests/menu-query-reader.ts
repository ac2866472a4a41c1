import { FILTER_FIELDS, type OfferFilter } from '../../domain/offer-filter.ts';
import type { MenuQuery } from '../../inventory/menu.ts';
import { BoundedMap } from '../../runtime/bounded-map.ts';
import { menuQuery, type OffersQuery } from './menu-query.ts';
import { filterProblems } from './offer-filter.ts';

/** What one parameter asks for: a part of the filter, or of the page. */
interface Part {
  readonly filter: OfferFilter;
  readonly page: Partial<Omit<MenuQuery, 'filter'>>;
  /** One bit for each thing that can be asked for: no two parameters of a query may ask for the same. */
  readonly bit: number;
}

const MAX_KEPT = 1_000;
const MAX_SEARCH_CHARS = 500;
const BITS = ['sort', 'limit', 'offset', ...FILTER_FIELDS] as const;

/**
 * Reads queries of the menu parameter by parameter, and keeps what each of them asks for: callers combine the same few in ever
 * new ways. What a parameter means does not depend on those beside it, save where two ask for one thing.
 */
export class MenuQueryReader {
  readonly #parts = new BoundedMap<string, Part>(MAX_KEPT);

  /**
   * Undefined for whatever is to be read, or refused, the usual way. `readOne` has the query of a single parameter, or
   * undefined where that is not valid.
   */
  read(
    search: string,
    readOne: (parameter: string) => OffersQuery | undefined,
  ): MenuQuery | undefined {
    if (search.length > MAX_SEARCH_CHARS) return undefined;
    const query = { ...USUAL, filter: {} };
    let given = 0;
    for (const parameter of search.split('&')) {
      if (parameter === '') continue;
      const part = this.#parts.get(parameter) ?? this.#learn(parameter, readOne(parameter));
      if (part === undefined || (given & part.bit) !== 0) return undefined;
      given |= part.bit;
      Object.assign(query.filter, part.filter);
      Object.assign(query, part.page);
    }
    return query;
  }

  #learn(parameter: string, query: OffersQuery | undefined): Part | undefined {
    const part = query && partOf(query);
    if (part) this.#parts.set(parameter, part);
    return part;
  }
}

/** A template is looked up elsewhere, and so no part of what can be read here. */
function partOf(query: OffersQuery): Part | undefined {
  if (query.template_hash_id !== undefined || filterProblems(query).length > 0) return undefined;
  const { filter, sort, descending, limit, offset } = menuQuery(query);
  const page = {
    ...(query.sort === undefined ? {} : { sort, descending }),
    ...(query.limit === undefined ? {} : { limit }),
    ...(query.offset === undefined ? {} : { offset }),
  };
  const named: readonly string[] = [...Object.keys(page), ...Object.keys(filter)];
  return { filter, page, bit: 1 << BITS.findIndex((name) => named.includes(name)) };
}

const USUAL = menuQuery({});
