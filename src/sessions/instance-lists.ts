import { ProviderFailure } from '../domain/errors.ts';
import { type DeploymentId, ownTag, type SessionId } from '../domain/ids.ts';
import type { Observation } from '../domain/instance.ts';
import type { Moment } from '../domain/reconciliation.ts';
import type { Provider } from '../ports/provider.ts';
import type { Incidents } from './incidents.ts';

/** One list that fails is an ordinary day. */
const FAILURES_BEFORE_INCIDENT = 3;

/** Everything that an account had at one moment. */
export interface CompleteList {
  /** Right before it was asked for. */
  readonly begun: Moment;
  readonly listed: readonly Observation[];
}

/** What a provider says that the account has. A failed list is unknown, never empty; several in a row are an incident. */
export class InstanceLists {
  readonly #provider: Provider;
  readonly #incidents: Incidents;
  #failuresInARow = 0;
  #last: CompleteList | undefined;

  constructor(provider: Provider, incidents: Incidents) {
    this.#provider = provider;
    this.#incidents = incidents;
  }

  /** Whether this process has had a complete list. */
  get hasListed(): boolean {
    return this.#last !== undefined;
  }

  /** What the latest complete list shows under any tag of this session; undefined before there is one. */
  shownOf(id: SessionId, deploymentId: DeploymentId): readonly Observation[] | undefined {
    return this.#last?.listed.filter(({ tag }) => ownTag(tag, deploymentId)?.sessionId === id);
  }

  /** The latest complete list, where it was begun after that: a large account's takes many calls, and one may serve two. */
  begunAfter(monotonicMs: number): CompleteList | undefined {
    return this.#last && this.#last.begun.monotonicMs > monotonicMs ? this.#last : undefined;
  }

  /** Everything that the account has now, or undefined when the provider could not say. */
  async complete(begun: Moment): Promise<CompleteList | undefined> {
    const { name: provider, api } = this.#provider;
    try {
      const listed = await this.#provider.list();
      this.#failuresInARow = 0;
      const list = { begun, listed };
      this.#last = list;
      await this.#incidents.clear('list_failing', { provider, api });
      return list;
    } catch (error) {
      if (!(error instanceof ProviderFailure)) throw error;
      this.#failuresInARow += 1;
      if (this.#failuresInARow >= FAILURES_BEFORE_INCIDENT) {
        const facts = { kind: 'list_failing', failure: error.kind } as const;
        await this.#incidents.raise(facts, { provider, api });
      }
      return undefined;
    }
  }
}
