import { ProviderFailure } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { Shelf } from './shelf.ts';

export interface PollerParts {
  readonly provider: Provider;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly policy: Policy;
}

/** A provider that fails is asked less and less often, down to one call in this many intervals. */
const MAX_BACKOFF_FACTOR = 8;

/** Keeps one provider's part of the menu fresh, in the background. */
export function startPoller(parts: PollerParts): Loop {
  const { provider, shelf, clock, random, recorder, policy } = parts;
  let failures = 0;
  return startLoop({
    name: `offers ${provider.api}`,
    clock,
    recorder,
    intervalMs: () => {
      const factor = Math.min(2 ** failures, MAX_BACKOFF_FACTOR);
      // Jitter of a tenth, so that several brokers on one account do not ask in step.
      return policy.offersRefreshMs * factor * (0.95 + random.next() / 10);
    },
    body: async () => {
      const startedMs = clock.monotonicMs();
      try {
        const offers = await provider.offers();
        failures = 0;
        shelf.stock(provider.api, offers, clock.now());
        const durationMs = clock.monotonicMs() - startedMs;
        const { api, name } = provider;
        recorder.note({
          kind: 'offers_refreshed',
          api,
          provider: name,
          offers: offers.length,
          durationMs,
        });
      } catch (error) {
        failures += 1;
        shelf.fail(provider.api, error instanceof ProviderFailure ? error.kind : 'internal');
        if (!(error instanceof ProviderFailure)) throw error;
      }
    },
  });
}
