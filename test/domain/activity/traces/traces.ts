import type { Trace } from '../trace.ts';
import { COMING_UP } from './coming-up.ts';
import { GPU_WORK } from './gpu-work.ts';
import { IDLE } from './idle.ts';
import { TROUBLE } from './trouble.ts';
import { WITHOUT_GPU } from './without-gpu.ts';

export const TRACES: readonly Trace[] = [
  ...COMING_UP,
  ...GPU_WORK,
  ...WITHOUT_GPU,
  ...IDLE,
  ...TROUBLE,
];
