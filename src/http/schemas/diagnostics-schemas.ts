import { Type } from '@sinclair/typebox';
import { SESSION_STATUSES } from '../../domain/session.ts';
import { LAUNCH_MODES } from '../../domain/workload.ts';
import { closed, instant, oneOf } from './fields.ts';

const GpuAnswer = closed({
  name: Type.String({ description: 'As the driver calls it.' }),
  memory_total_mb: Type.Optional(
    Type.Integer({ description: 'Memory in MB of 1,048,576 bytes, as the driver counts it.' }),
  ),
  memory_used_mb: Type.Optional(Type.Integer({ description: 'Of it in use, in MB.' })),
  utilization_percent: Type.Optional(
    Type.Integer({ description: 'Time in which the GPU had work, 0 to 100.' }),
  ),
  temperature_c: Type.Optional(Type.Integer({ description: 'Degrees Celsius.' })),
  power_w: Type.Optional(Type.Integer({ description: 'Watts drawn.' })),
});

/** Figures are there where they could be read. */
const figures = {
  gpu: Type.Optional(
    Type.Array(GpuAnswer, {
      description:
        "The machine's GPUs in the driver's order. A GPU leaves out what it does not tell.",
    }),
  ),
  driver_version: Type.Optional(Type.String({ description: "The NVIDIA driver's version." })),
  cuda_version: Type.Optional(
    Type.String({
      description:
        'The newest CUDA version that the driver serves. A text, because 12.10 is not 12.1.',
    }),
  ),
  disk_free_gb: Type.Optional(
    Type.Number({ description: 'Free on the root disk, in GB of 10^9 bytes.' }),
  ),
  idle_minutes: Type.Optional(
    Type.Integer({
      description:
        'Minutes since there was last known to be work, by its agent, by the looks of a session with `idle_threshold_minutes`, or by an extension. Absent until one of them has told.',
    }),
  ),
};

export const DiagnosticsAnswer = closed(
  {
    session_id: Type.String({ description: 'The session.' }),
    status: oneOf(SESSION_STATUSES, { description: 'Always `running`.' }),
    provider: Type.String({ description: 'The marketplace.' }),
    gpu_type: Type.String({ description: 'What was rented, by the offer.' }),
    gpu_count: Type.Integer({ description: 'GPUs rented, by the offer.' }),
    ssh_host: Type.Optional(Type.String({ description: 'Where to log in.' })),
    ssh_port: Type.Optional(Type.Integer({ description: 'Where to log in.' })),
    ssh_user: Type.Optional(Type.String({ description: 'Whom to log in as.' })),
    launch_mode: oneOf(LAUNCH_MODES, { description: 'As asked for.' }),
    api_endpoint: Type.String({
      description: 'Base URL of the workload in `entrypoint` sessions; "" in others.',
    }),
    created_at: instant('When the session was asked for.'),
    expires_at: instant('When it ends.'),
    uptime: Type.String({ description: 'Since it runs, such as `1h 30m` or `5m`.' }),
    time_to_expiry: Type.String({ description: 'Until it ends, such as `30m`.' }),
    ssh_available: Type.Boolean({
      description:
        "Whether a login with the session's key worked just now. With a key of the caller's own: whether the host accepts it.",
    }),
    note: Type.String({ description: 'How that was found out, or what is in the way.' }),
    ...figures,
  },
  { title: 'Diagnostics' },
);
