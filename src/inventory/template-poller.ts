import { ProviderFailure } from '../domain/errors.ts';
import { HOUR_MS, MINUTE_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Recorder } from '../ports/recorder.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { TemplateShelf } from './templates.ts';

export interface TemplatePollerParts {
  readonly shelf: TemplateShelf;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** Templates change by the week; the marketplace's own advice is to keep them for about so long. */
const REFRESH_MS = HOUR_MS;
/** After a failure, doubled with each further one. */
const RETRY_MS = MINUTE_MS;

/** Keeps the recommended templates fresh, in the background. */
export function startTemplatePoller({ shelf, clock, recorder }: TemplatePollerParts): Loop {
  let failures = 0;
  return startLoop({
    name: 'templates',
    clock,
    recorder,
    intervalMs: () =>
      failures === 0 ? REFRESH_MS : Math.min(REFRESH_MS, RETRY_MS * 2 ** (failures - 1)),
    body: async () => {
      failures += 1;
      try {
        await shelf.refresh();
        failures = 0;
      } catch (error) {
        // The transport has told of it already.
        if (!(error instanceof ProviderFailure)) throw error;
      }
    },
  });
}
