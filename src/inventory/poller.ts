import { ProviderFailure } from '../domain/errors.ts';
import type { Policy } from '../domain/policy.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';
import { startAskingLoop } from '../runtime/asking-loop.ts';
import type { Loop } from '../runtime/loop.ts';
import type { Shelf } from './shelf.ts';

export interface PollerParts {
  readonly provider: Provider;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly policy: Policy;
}

/** Keeps one provider's part of the menu fresh, in the background. */
export function startPoller(parts: PollerParts): Loop {
  const { provider, shelf, policy } = parts;
  return startAskingLoop({
    ...parts,
    name: `offers ${provider.api}`,
    intervalMs: policy.offersRefreshMs,
    ask: async () => {
      try {
        await refresh(parts);
      } catch (error) {
        shelf.fail(provider.api, error instanceof ProviderFailure ? error.kind : 'internal');
        throw error;
      }
    },
  });
}

/** Between the parts of a long list, for whoever has a question meanwhile. */
const PAUSE_MS = 1;

async function refresh({ provider, shelf, clock, recorder }: PollerParts): Promise<void> {
  const startedMs = clock.monotonicMs();
  const offers = await provider.offers();
  const fetchedAt = clock.now();
  while (shelf.prepare(offers, fetchedAt)) {
    await new Promise<void>((resolve) => void clock.after(PAUSE_MS, resolve));
  }
  shelf.stock(provider.api, offers, fetchedAt);
  recorder.note({
    kind: 'offers_refreshed',
    api: provider.api,
    provider: provider.name,
    offers: offers.length,
    durationMs: clock.monotonicMs() - startedMs,
  });
}
