import type { SimMachine } from './model.ts';

/** What a command can see of the machine that it pretends to run on. */
export interface FakeMachine {
  readonly machine: SimMachine;
  readonly user: string;
}

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What a program is started with. */
export interface Start {
  readonly args: readonly string[];
  /** What the program before it wrote, where there is one. */
  readonly input: string;
  readonly on: FakeMachine;
}

export type Run = (start: Start) => ShellResult;
