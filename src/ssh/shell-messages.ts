import type { Inspection, Login, Proof } from '../ports/remote-shell.ts';

/** What is asked of the thread that logs in. `id` is on the reply again. */
export type ShellOrder =
  | { readonly id: number; readonly kind: 'prove'; readonly login: Login }
  | {
      readonly id: number;
      readonly kind: 'inspect';
      readonly login: Login;
      readonly deadlineMs: number;
    };

export type ShellReply =
  | { readonly id: number; readonly kind: 'prove'; readonly outcome: Proof }
  | { readonly id: number; readonly kind: 'inspect'; readonly outcome: Inspection };
