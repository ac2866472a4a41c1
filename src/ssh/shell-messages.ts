import type { Inspection, Login, Proof } from '../ports/remote-shell.ts';

/** What is asked of the thread that logs in. `id` is on the reply again. */
export type ShellOrder =
  /** Whether there is a thread at all. */
  | { readonly id: number; readonly kind: 'be_ready' }
  | { readonly id: number; readonly kind: 'prove'; readonly login: Login }
  | {
      readonly id: number;
      readonly kind: 'inspect';
      readonly login: Login;
      readonly deadlineMs: number;
    };

export type ShellReply =
  | { readonly id: number; readonly kind: 'be_ready' }
  /** A fault of ours in carrying out this one order; the others go on. */
  | { readonly id: number; readonly kind: 'fault' }
  | { readonly id: number; readonly kind: 'prove'; readonly outcome: Proof }
  | { readonly id: number; readonly kind: 'inspect'; readonly outcome: Inspection };
