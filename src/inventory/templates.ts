import { ProviderFailure } from '../domain/errors.ts';
import type { Template } from '../domain/template.ts';
import { type EpochMs, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Origin } from '../ports/origin.ts';
import type { TemplateCatalogue } from '../ports/provider.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

/** The marketplace's templates, from memory wherever that is possible. */
export interface Templates {
  /** Those that the marketplace recommends, as they were last read; no reader waits. */
  list(): TemplateListing;
  /** One by its content hash. Waits for the marketplace only when neither the list nor an earlier search has it. */
  find(hashId: string, origin?: Origin): Promise<TemplateFinding>;
}

/** The same templates for one request: a search that it causes is recorded as made for it. */
export function templatesFor(templates: Templates, origin: Origin | undefined): Templates {
  return {
    list: () => templates.list(),
    find: (hashId) => templates.find(hashId, origin),
  };
}

export type TemplateListing =
  | {
      readonly kind: 'listed';
      readonly templates: readonly Template[];
      readonly fetchedAt: EpochMs;
    }
  /** Not read yet, and nothing has gone wrong. */
  | { readonly kind: 'filling' }
  | TemplatesAbsent;

export type TemplateFinding =
  | { readonly kind: 'found'; readonly template: Template }
  /** The marketplace says that there is none such. */
  | { readonly kind: 'unknown' }
  | TemplatesAbsent;

export type TemplatesAbsent =
  /** No marketplace that has templates is configured. */
  | { readonly kind: 'unsupported' }
  /** It could not be asked, and nothing is known from before. */
  | { readonly kind: 'unavailable' };

interface Remembered {
  readonly template: Template | undefined;
  readonly at: EpochMs;
}

/** What a hash stands for never changes; only the marketplace may take it away. */
const FOUND_FOR_MS = HOUR_MS;
/** Long enough to stop a client that asks over and over, short enough for a template that was published just now. */
const UNKNOWN_FOR_MS = MINUTE_MS;
/** Some forty are recommended. */
const MAX_LISTED = 1_000;
const MAX_REMEMBERED = 500;
/** Searches of different hashes under way: the marketplace lets one through every three seconds. */
const MAX_SEARCHES = 5;
/** How long a caller waits; the search itself goes on, and its answer is there for the next one. */
const PATIENCE_MS = 15 * SECOND_MS;
/** Hashes are 32 hexadecimal digits today. What could never be one is not asked for. */
const HASH_PATTERN = /^[A-Za-z0-9]{8,128}$/;

/** The memory of one marketplace's templates; without a catalogue, of none. */
export class TemplateShelf implements Templates {
  readonly #catalogue: TemplateCatalogue | undefined;
  readonly #clock: Clock;
  #listed: { readonly templates: readonly Template[]; readonly fetchedAt: EpochMs } | undefined;
  #hasFailed = false;
  readonly #remembered = new BoundedMap<string, Remembered>(MAX_REMEMBERED);
  readonly #searches = new Map<string, Promise<TemplateFinding>>();

  constructor(catalogue: TemplateCatalogue | undefined, clock: Clock) {
    this.#catalogue = catalogue;
    this.#clock = clock;
  }

  /** Reads the recommended ones anew. When that fails the earlier ones stay, and it throws. */
  async refresh(): Promise<void> {
    if (!this.#catalogue) return;
    try {
      const templates = (await this.#catalogue.recommended()).slice(0, MAX_LISTED);
      this.#listed = { templates, fetchedAt: this.#clock.now() };
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  list(): TemplateListing {
    if (!this.#catalogue) return { kind: 'unsupported' };
    if (this.#listed) return { kind: 'listed', ...this.#listed };
    return this.#hasFailed ? { kind: 'unavailable' } : { kind: 'filling' };
  }

  async find(hashId: string, origin?: Origin): Promise<TemplateFinding> {
    if (!this.#catalogue) return { kind: 'unsupported' };
    const listed = this.#listed?.templates.find((template) => template.hashId === hashId);
    if (listed) return { kind: 'found', template: listed };
    if (!HASH_PATTERN.test(hashId)) return { kind: 'unknown' };
    const remembered = this.#remembered.get(hashId);
    if (remembered && this.#isFresh(remembered)) return findingOf(remembered.template);
    return this.#waitFor(this.#search(this.#catalogue, hashId, origin));
  }

  /** Everyone who asks for one hash meanwhile waits for one search. */
  #search(
    catalogue: TemplateCatalogue,
    hashId: string,
    origin: Origin | undefined,
  ): Promise<TemplateFinding> {
    const running = this.#searches.get(hashId);
    if (running !== undefined) return running;
    if (this.#searches.size >= MAX_SEARCHES) return Promise.resolve(this.#lastKnown(hashId));
    const search = this.#ask(catalogue, hashId, origin).finally(() =>
      this.#searches.delete(hashId),
    );
    this.#searches.set(hashId, search);
    return search;
  }

  async #ask(
    catalogue: TemplateCatalogue,
    hashId: string,
    origin: Origin | undefined,
  ): Promise<TemplateFinding> {
    try {
      const template = await catalogue.find(hashId, origin ? { origin } : {});
      this.#remembered.set(hashId, { template, at: this.#clock.now() });
      return findingOf(template);
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      return this.#lastKnown(hashId);
    }
  }

  #waitFor(search: Promise<TemplateFinding>): Promise<TemplateFinding> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(PATIENCE_MS, () => resolve({ kind: 'unavailable' }));
      search.then(resolve, reject).finally(cancel);
    });
  }

  /** A template that was found once still is what it was. */
  #lastKnown(hashId: string): TemplateFinding {
    const template = this.#remembered.get(hashId)?.template;
    return template ? { kind: 'found', template } : { kind: 'unavailable' };
  }

  #isFresh({ template, at }: Remembered): boolean {
    return this.#clock.now() - at < (template ? FOUND_FOR_MS : UNKNOWN_FOR_MS);
  }
}

function findingOf(template: Template | undefined): TemplateFinding {
  return template ? { kind: 'found', template } : { kind: 'unknown' };
}
