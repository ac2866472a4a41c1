import type { ProbeTarget, WorkloadAnswer, WorkloadProbe } from '../../src/ports/workload-probe.ts';

/** Asks workloads that all serve, unless a test says otherwise. */
export interface FakeProbe extends WorkloadProbe {
  readonly targets: readonly ProbeTarget[];
  /** What the next looks come to; after them, {@link answer} again. */
  next(...answers: readonly WorkloadAnswer[]): void;
  answer: WorkloadAnswer;
}

export const SERVING: WorkloadAnswer = { kind: 'serving', status: 200 };
export const LOADING: WorkloadAnswer = { kind: 'not_yet', status: 503 };

export function fakeProbe(): FakeProbe {
  const targets: ProbeTarget[] = [];
  const queued: WorkloadAnswer[] = [];
  const probe: FakeProbe = {
    targets,
    answer: SERVING,
    next: (...answers) => {
      queued.push(...answers);
    },
    probe: async (target) => {
      targets.push(target);
      return queued.shift() ?? probe.answer;
    },
  };
  return probe;
}
