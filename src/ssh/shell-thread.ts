import type { Worker } from 'node:worker_threads';
import type { Cancel, Clock } from '../ports/clock.ts';
import type { FailedLogin, RemoteShell } from '../ports/remote-shell.ts';
import { PROOF_DEADLINE_MS } from './proof-deadline.ts';
import type { ShellOrder, ShellReply } from './shell-messages.ts';

/** Beyond an order's own deadline, for a thread that is started first or that has much to do. */
const THREAD_GRACE_MS = 10_000;
const START_DEADLINE_MS = 20_000;

export interface ShellThreadOptions {
  readonly clock: Clock;
  /** A thread that {@link serveShell serves} this. Called when there is something to do and no thread. */
  readonly start: () => Worker;
  /** A thread that ends by itself is a fault of ours; what it was doing is told as a login that failed. */
  readonly onFault: (error: unknown) => void;
}

export interface ShellThread extends RemoteShell {
  /** Has the thread there before anything is rented. Rejects with a sentence for the operator when there is none to be had. */
  start(): Promise<void>;
  /** Ends the thread, and with it all that is under way. */
  close(): Promise<void>;
}

interface Waiting {
  readonly settle: (reply: ShellReply | undefined) => void;
  readonly cancel: Cancel;
}

/**
 * Logs in on a thread of its own. A key exchange takes milliseconds of pure arithmetic, and hundreds of machines can come
 * up at once: none of that is to stand before somebody's request.
 */
export function createShellThread(options: ShellThreadOptions): ShellThread {
  const thread = new Thread(options);
  return {
    start: async () => {
      const reply = await thread.ask((id) => ({ id, kind: 'be_ready' }), START_DEADLINE_MS);
      if (reply?.kind !== 'be_ready') throw new Error('The thread that logs in does not start.');
    },
    prove: async (login) => {
      const reply = await thread.ask((id) => ({ id, kind: 'prove', login }), PROOF_DEADLINE_MS);
      return reply?.kind === 'prove' ? reply.outcome : UNANSWERED;
    },
    inspect: async (login, deadlineMs) => {
      const reply = await thread.ask(
        (id) => ({ id, kind: 'inspect', login, deadlineMs }),
        deadlineMs,
      );
      return reply?.kind === 'inspect' ? reply.outcome : UNANSWERED;
    },
    close: () => thread.close(),
  };
}

/** Nothing is known of the machine: as where a connection breaks, it is tried again. */
const UNANSWERED: FailedLogin = { kind: 'unreachable', phase: 'connect' };

class Thread {
  readonly #options: ShellThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  constructor(options: ShellThreadOptions) {
    this.#options = options;
  }

  /** Undefined where the thread ended, or is so late that it will not answer. */
  ask(orderOf: (id: number) => ShellOrder, deadlineMs: number): Promise<ShellReply | undefined> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      const settle = (reply: ShellReply | undefined): void => {
        this.#waiting.get(id)?.cancel();
        this.#waiting.delete(id);
        resolve(reply);
      };
      const cancel = this.#options.clock.after(deadlineMs + THREAD_GRACE_MS, () =>
        settle(undefined),
      );
      this.#waiting.set(id, { settle, cancel });
      this.#started().postMessage(orderOf(id));
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#giveUp();
    await worker?.terminate();
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const worker = this.#options.start();
    this.#worker = worker;
    worker.on('message', (reply: ShellReply) => this.#waiting.get(reply.id)?.settle(reply));
    worker.on('error', (error) => this.#lose(worker, error));
    worker.on('exit', (code) => this.#lose(worker, new Error(`the thread ended with ${code}`)));
    return worker;
  }

  /** The next order starts another one. */
  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#options.onFault(error);
    this.#giveUp();
  }

  #giveUp(): void {
    for (const { settle } of [...this.#waiting.values()]) settle(undefined);
  }
}
