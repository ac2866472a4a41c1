import type { MachineReport } from '../../src/domain/machine-report.ts';
import type { Inspection, Login, Proof, RemoteShell } from '../../src/ports/remote-shell.ts';

/** A shell into machines that all take the key, unless a test says otherwise. */
export interface FakeShell extends RemoteShell {
  readonly logins: readonly Login[];
  /** What the next tries come to; after them, {@link answer} again. */
  next(...proofs: readonly Proof[]): void;
  answer: Proof;
  /** Who was asked what the machine is like, and for how long at most. */
  readonly inspections: readonly { readonly login: Login; readonly deadlineMs: number }[];
  inspection: () => Promise<Inspection>;
}

export const REPORT: MachineReport = {
  gpus: [
    {
      name: 'NVIDIA GeForce RTX 4090',
      memoryTotalMb: 24_564,
      memoryUsedMb: 812,
      utilizationPercent: 37,
      temperatureC: 61,
      powerW: 182,
    },
  ],
  driverVersion: '570.133.20',
  cudaVersion: '12.8',
  diskFreeBytes: 41_300_000_000,
  work: undefined,
};
/** A login to a machine that is what {@link REPORT} says. */
export const PROVEN: Extract<Proof, { readonly kind: 'proven' }> = {
  kind: 'proven',
  hostKey: 'SHA256:fake-host',
  report: REPORT,
};
export const UNREACHABLE: Proof = { kind: 'unreachable', phase: 'connect' };

export function fakeShell(): FakeShell {
  const logins: Login[] = [];
  const queued: Proof[] = [];
  const inspections: { login: Login; deadlineMs: number }[] = [];
  const shell: FakeShell = {
    logins,
    answer: PROVEN,
    next: (...proofs) => {
      queued.push(...proofs);
    },
    prove: async (login) => {
      logins.push(login);
      return queued.shift() ?? shell.answer;
    },
    inspections,
    inspection: async () => ({ kind: 'logged_in', report: REPORT }),
    inspect: (login, deadlineMs) => {
      inspections.push({ login, deadlineMs });
      return shell.inspection();
    },
  };
  return shell;
}
