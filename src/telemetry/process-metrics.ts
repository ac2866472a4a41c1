import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../ports/clock.ts';

const MS_PER_SECOND = 1_000;

/** Named as counters and not counters: the checker of metric names objects to them. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export type ProcessMetrics = ReturnType<typeof createProcessMetrics>;

/** The process itself: memory, CPU, event-loop lag, and the steps and loops that failed unexpectedly. */
export function createProcessMetrics(registry: Registry, clock: Clock) {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const registers = [registry];
  const due = new Gauge({
    name: 'gpu_loop_due_timestamp_seconds',
    help: 'When the next turn of a background loop is to begin; in the past while a turn takes long, or hangs.',
    labelNames: ['loop'],
    registers,
  });
  return {
    /** A turn is over, and the next is due in so many milliseconds. */
    loopDue: (loop: string, nextInMs: number): void =>
      due.set({ loop }, (clock.now() + nextInMs) / MS_PER_SECOND),
    removed: new Counter({
      name: 'gpu_store_removed_total',
      help: 'Sessions and events that were removed because they had been kept for as long as they were to be.',
      labelNames: ['what'],
      registers,
    }),
    stepFailures: new Counter({
      name: 'gpu_step_failures_total',
      help: 'Lifecycle steps that threw; each is taken again.',
      registers,
    }),
    loopFailures: new Counter({
      name: 'gpu_loop_failures_total',
      help: 'Turns of background loops that threw; each loop goes on.',
      labelNames: ['loop'],
      registers,
    }),
    fleetReadFailures: new Counter({
      name: 'gpu_fleet_read_failures_total',
      help: 'Times the state of sessions and instances could not be read for this page.',
      registers,
    }),
  };
}
