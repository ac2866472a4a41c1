import { Type } from '@sinclair/typebox';
import { MISMATCH_KINDS } from '../../domain/machine-check.ts';
import { closed, oneOf } from './fields.ts';

const SeenGpu = closed({
  name: Type.String({ description: 'As the driver calls it.' }),
  memory_total_mb: Type.Optional(
    Type.Integer({ description: 'Memory in MB of 1,048,576 bytes, as the driver counts it.' }),
  ),
});

const MismatchAnswer = closed({
  kind: oneOf(MISMATCH_KINDS, { description: 'In what it is less than was offered.' }),
  offered: Type.String({ description: 'What was offered.' }),
  found: Type.String({ description: 'What was found.' }),
});

/** Figures are there where they could be read. */
export const MachineAnswer = closed(
  {
    gpus: Type.Optional(
      Type.Array(SeenGpu, { description: "In the driver's order; absent without a driver." }),
    ),
    driver_version: Type.Optional(Type.String({ description: "The NVIDIA driver's version." })),
    cuda_version: Type.Optional(
      Type.String({ description: 'The newest CUDA version that the driver serves.' }),
    ),
    disk_free_gb: Type.Optional(
      Type.Number({ description: 'Free on the root disk at the first look, in GB of 10^9 bytes.' }),
    ),
    mismatches: Type.Array(MismatchAnswer, {
      description: 'In what it is less than its offer said; empty where it is what was offered.',
    }),
  },
  {
    title: 'Machine',
    description:
      'What the machine said of itself when the broker first logged in; absent where it could not, such as with a key of your own.',
  },
);
