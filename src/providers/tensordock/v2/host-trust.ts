import type { ProviderFailure } from '../../../domain/errors.ts';
import { HOUR_MS } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';

/** Whether we pick hosts ourselves. Nobody has been seen to create anything at a host, so that it may turn out not to work. */
export interface HostTrust {
  isTrusted(): boolean;
  worked(): void;
  failed(failure: ProviderFailure): void;
}

const DISTRUST_MS = 6 * HOUR_MS;
/** An API's fault or a lost answer befalls creates at locations too: one alone says nothing of hosts. */
const FAULTS_TO_DISTRUST = 2;

export function createHostTrust(clock: Clock): HostTrust {
  let trustedFromMs = 0;
  let faultsInARow = 0;
  const distrust = (): void => {
    trustedFromMs = clock.monotonicMs() + DISTRUST_MS;
    faultsInARow = 0;
  };
  return {
    isTrusted: () => clock.monotonicMs() >= trustedFromMs,
    worked: () => {
      faultsInARow = 0;
    },
    failed: ({ kind, outcome }) => {
      if (kind === 'invalid' || kind === 'malformed') return distrust();
      if (kind !== 'unavailable' || outcome === 'not_done') return;
      faultsInARow += 1;
      if (faultsInARow >= FAULTS_TO_DISTRUST) distrust();
    },
  };
}
