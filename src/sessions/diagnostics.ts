import type { SessionId } from '../domain/ids.ts';
import type { Instance } from '../domain/instance.ts';
import { currentInstance, type Session, type SessionStatus } from '../domain/session.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { Inspection, RemoteShell } from '../ports/remote-shell.ts';
import type { Store } from '../ports/store.ts';
import { SharedCalls } from '../runtime/shared-calls.ts';
import { type SessionMachine, sessionLogin } from './session-login.ts';

/** Looks at what runs. Changes nothing, and therefore works before the broker is ready. */
export interface DiagnosticsService {
  /** Logs in to a running session's machine for this question, or shares the login of one just asked; at most 10 s. */
  examine(id: SessionId): Promise<Examination>;
}

export type Examination =
  | {
      readonly kind: 'examined';
      readonly session: Session;
      readonly instance: Instance;
      readonly finding: Finding;
    }
  | { readonly kind: 'not_running'; readonly status: SessionStatus }
  /** So many are being examined that this one would not have come to its turn in time. */
  | { readonly kind: 'too_busy' }
  | { readonly kind: 'unknown_session' };

/** `no_address`: the machine has no login to offer. `not_trusted`: another host key has answered there, so nothing is sent to it. */
export type Finding = Inspection | { readonly kind: 'no_address' | 'not_trusted' };

export interface DiagnosticsParts {
  readonly store: Store;
  readonly shell: RemoteShell;
  readonly keys: Keys;
  readonly clock: Clock;
}

/** For everything, from the question to the answer. */
const DEADLINE_MS = 10 * SECOND_MS;
/** A login needs a second or two to a machine far away: with less time than this none is begun. */
const LEAST_LOGIN_MS = 3 * SECOND_MS;
const LOGINS_AT_ONCE = 16;
const MAX_WAITING = 256;
/** Several windows on one session need one login between them. */
const FRESH_MS = 2 * SECOND_MS;

export class Diagnostics implements DiagnosticsService {
  readonly #parts: DiagnosticsParts;
  readonly #logins: SharedCalls<Inspection | 'too_late'>;

  constructor(parts: DiagnosticsParts) {
    this.#parts = parts;
    this.#logins = new SharedCalls({
      clock: parts.clock,
      concurrency: LOGINS_AT_ONCE,
      maxWaiting: MAX_WAITING,
      freshMs: FRESH_MS,
    });
  }

  async examine(id: SessionId): Promise<Examination> {
    const session = await this.#parts.store.load(id);
    if (!session) return { kind: 'unknown_session' };
    const instance = currentInstance(session);
    if (session.status !== 'running' || !instance) {
      return { kind: 'not_running', status: session.status };
    }
    const { address } = instance;
    if (instance.hostKeyChangedAt !== undefined) {
      return { kind: 'examined', session, instance, finding: { kind: 'not_trusted' } };
    }
    const finding = address
      ? await this.#inspect({ session, instance, address })
      : ({ kind: 'no_address' } as const);
    if (finding === 'too_late') return { kind: 'too_busy' };
    return { kind: 'examined', session, instance, finding };
  }

  async #inspect(machine: SessionMachine): Promise<Inspection | 'too_late'> {
    const { shell, keys } = this.#parts;
    const { session, instance, address } = machine;
    // An answer about one machine must not be given for the next one of the same session.
    const key = `${session.id} ${instance.attempt} ${address.host} ${address.port}`;
    const inspection = this.#logins.ask(key, async (waitedMs) => {
      const leftMs = DEADLINE_MS - waitedMs;
      return leftMs < LEAST_LOGIN_MS
        ? 'too_late'
        : shell.inspect(sessionLogin(keys, machine), leftMs);
    });
    return inspection ?? 'too_late';
  }
}
