import type { Note } from '../ports/recorder.ts';
import type { Metrics } from './metrics.ts';
import type { ProviderMetrics } from './provider-metrics.ts';

const MS_PER_SECOND = 1_000;

/** What a fact of the machinery adds to the metrics. */
export function countNote(metrics: Metrics, note: Note): void {
  switch (note.kind) {
    case 'session_asked':
    case 'act_begun':
    case 'act_ended':
    case 'keys_not_opened':
      break;
    case 'provider_call':
      countCall(metrics.providers, note);
      break;
    case 'circuit_changed':
      metrics.providers.circuits.set(
        { provider: note.provider, api: note.api },
        note.state === 'closed' ? 0 : 1,
      );
      break;
    case 'rate_learnt':
      metrics.providers.ratesLearnt.inc({ provider: note.provider, api: note.api });
      break;
    case 'offers_refreshed':
      metrics.providers.offers.refreshed({ provider: note.provider, api: note.api }, note.offers);
      break;
    case 'login_tried':
      metrics.sessions.logins.inc({ provider: note.provider, outcome: note.outcome });
      break;
    case 'service_tried':
      metrics.sessions.serviceTries.inc({ provider: note.provider, outcome: note.outcome });
      break;
    case 'launch_judged':
      metrics.sessions.launchesByConfidence.inc({
        provider: note.provider,
        outcome: note.outcome,
        confidence: decileOf(note.confidence),
      });
      break;
    case 'sweep_done':
      metrics.providers.sweeps.inc({ provider: note.provider, api: note.api });
      break;
    case 'old_data_removed':
      metrics.process.removed.inc({ what: 'sessions' }, note.sessions);
      metrics.process.removed.inc({ what: 'events' }, note.events);
      break;
    case 'step_failed':
      metrics.process.stepFailures.inc();
      break;
    case 'loop_turned':
      metrics.process.loopDue(note.loop, note.nextInMs);
      break;
    case 'loop_failed':
      metrics.process.loopFailures.inc({ loop: note.loop });
      break;
  }
}

/** The lower end of the tenth that it lies in: a closed set of ten. */
function decileOf(share: number): string {
  return (Math.min(9, Math.max(0, Math.floor(share * 10))) / 10).toFixed(1);
}

function countCall(
  metrics: ProviderMetrics,
  call: Extract<Note, { readonly kind: 'provider_call' }>,
): void {
  const { provider, api, operation, failure } = call;
  metrics.waitSeconds.observe({ provider, api, operation }, call.waitedMs / MS_PER_SECOND);
  metrics.callSeconds.observe({ provider, api, operation }, call.durationMs / MS_PER_SECOND);
  if (failure === undefined) return;
  metrics.callErrors.inc({ provider, operation });
  metrics.callFailures.inc({ provider, api, kind: failure });
}
