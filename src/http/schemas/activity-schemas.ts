import { Type } from '@sinclair/typebox';
import { ACTIVITY_REASONS, ACTIVITY_SOURCES, VERDICTS } from '../../domain/activity/activity.ts';
import { SESSION_STATUSES } from '../../domain/session.ts';
import { MAX_ACTIVITY } from '../../ports/store.ts';
import { closed, countOf, instant, oneOf } from './fields.ts';

export const ActivityQuery = closed({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_ACTIVITY,
      description: 'Decisions at most, newest first; 60 when left out.',
    }),
  ),
});

const CauseAnswer = closed(
  {
    reason: oneOf(ACTIVITY_REASONS, { description: 'What was found.' }),
    gpu: Type.Optional(countOf("Which GPU, in the driver's order, from 0.")),
    value: Type.Optional(
      Type.Number({
        description:
          'What was measured: percent (`gpu_busy`, `agent_busy`, `agent_idle`), MB of change (`gpu_memory`), programs (`gpu_processes`), CPUs (`cpu`), bytes a second (`network`, `disk`), seconds since (`typing`).',
      }),
    ),
  },
  { title: 'ActivityCause' },
);

const GpuReading = closed(
  {
    utilization_percent: Type.Optional(
      Type.Integer({ description: 'Time in which it had work just then, 0 to 100.' }),
    ),
    peak_percent: Type.Optional(
      Type.Integer({
        description: "The highest of the driver's samples of the last seconds, 0 to 100.",
      }),
    ),
    memory_used_mb: Type.Optional(Type.Integer({ description: 'MB of 1,048,576 bytes.' })),
    memory_total_mb: Type.Optional(Type.Integer({ description: 'MB of 1,048,576 bytes.' })),
    temperature_c: Type.Optional(Type.Integer({ description: 'Degrees Celsius.' })),
    power_w: Type.Optional(Type.Integer({ description: 'Watts drawn.' })),
  },
  { title: 'GpuReading' },
);

const ActivityRecordAnswer = closed(
  {
    at: instant('When.'),
    source: oneOf(ACTIVITY_SOURCES, {
      description: "`probe`: the broker's own look. `agent`: a heartbeat.",
    }),
    verdict: oneOf(VERDICTS, {
      description: 'Whatever is not known to be idle is active.',
    }),
    because: Type.Array(CauseAnswer, { description: 'Everything that led to the verdict.' }),
    gpus: Type.Optional(Type.Array(GpuReading, { description: "In the driver's order." })),
    cpus_busy: Type.Optional(
      Type.Number({ description: 'CPUs that had work since the look before, on average.' }),
    ),
    network_bytes_per_second: Type.Optional(
      Type.Number({ description: 'Received and sent since the look before.' }),
    ),
    disk_bytes_per_second: Type.Optional(
      Type.Number({ description: 'Read and written since the look before.' }),
    ),
    logins: Type.Optional(countOf('Terminals that were open.')),
    gpu_processes: Type.Optional(
      countOf('Programs that held a GPU, as far as the machine shows them.'),
    ),
  },
  { title: 'ActivityRecord', description: 'One decision, with the readings that led to it.' },
);

export const ActivityAnswer = closed(
  {
    session_id: Type.String({ description: 'The session.' }),
    status: oneOf(SESSION_STATUSES, { description: 'Where the session stands.' }),
    idle_threshold_minutes: Type.Integer({
      description: 'Minutes without work until the end; 0 = off.',
    }),
    idle_since: Type.Optional(instant('Since when it is idle without a break.')),
    idle_warned_at: Type.Optional(instant('When its end for idleness was announced.')),
    idle_deadline: Type.Optional(instant('When it ends if nothing happens.')),
    activity: Type.Array(ActivityRecordAnswer, { description: 'Newest first.' }),
    count: countOf('How many of them are here.'),
  },
  { title: 'Activity' },
);
