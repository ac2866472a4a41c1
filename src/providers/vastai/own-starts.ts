import type { ProviderInstanceId } from '../../domain/ids.ts';
import type { EpochMs } from '../../domain/time.ts';

/** When this process had contracts started again: a row does not tell a container that starts from one that has ended. */
export interface OwnStarts {
  note(id: ProviderInstanceId): void;
  forget(id: ProviderInstanceId): void;
  startedAt(id: ProviderInstanceId): EpochMs | undefined;
}

/** The oldest are forgotten; what is forgotten only loses its grace. */
const MAX_REMEMBERED = 1_000;

export function createOwnStarts(now: () => EpochMs): OwnStarts {
  const starts = new Map<ProviderInstanceId, EpochMs>();
  return {
    note(id) {
      starts.delete(id);
      starts.set(id, now());
      const [oldest] = starts.keys();
      if (starts.size > MAX_REMEMBERED && oldest !== undefined) starts.delete(oldest);
    },
    forget: (id) => void starts.delete(id),
    startedAt: (id) => starts.get(id),
  };
}
