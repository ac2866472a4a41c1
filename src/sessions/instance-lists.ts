import { ProviderFailure } from '../domain/errors.ts';
import { type DeploymentId, ownTag, type SessionId } from '../domain/ids.ts';
import type { Observation } from '../domain/instance.ts';
import type { Provider } from '../ports/provider.ts';
import type { Incidents } from './incidents.ts';

/** One list that fails is an ordinary day. */
const FAILURES_BEFORE_INCIDENT = 3;

/** What a provider says that the account has. A failed list is unknown, never empty; several in a row are an incident. */
export class InstanceLists {
  readonly #provider: Provider;
  readonly #incidents: Incidents;
  #failuresInARow = 0;
  #last: readonly Observation[] | undefined;

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
    return this.#last?.filter(({ tag }) => ownTag(tag, deploymentId)?.sessionId === id);
  }

  /** Everything that the account has, or undefined when the provider could not say. */
  async complete(): Promise<readonly Observation[] | undefined> {
    const { name: provider, api } = this.#provider;
    try {
      const listed = await this.#provider.list();
      this.#failuresInARow = 0;
      this.#last = listed;
      await this.#incidents.clear('list_failing', { provider, api });
      return listed;
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
