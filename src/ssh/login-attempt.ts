import { strict as assert } from 'node:assert';
import type { Socket } from 'node:net';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import type { SshAddress } from '../domain/instance.ts';
import type { Cancel, Clock } from '../ports/clock.ts';
import type { FailedLogin, Login, ProofPhase } from '../ports/remote-shell.ts';
import { authMethod } from './auth-method.ts';
import { BoundedOutput } from './bounded-output.ts';
import { fingerprintOfBlob } from './fingerprint.ts';
import type { HandshakePace } from './handshake-pace.ts';

export interface LoginTools {
  readonly clock: Clock;
  /** Begins to connect and returns at once, as `net.connect` does. */
  readonly dial: (address: SshAddress) => Socket;
  readonly pace: HandshakePace;
}

/**
 * How long each phase may take. A host that is up answers each within a second; the slowest seen are proxies. A driver that
 * nobody keeps awake takes a second or two for each of up to eight GPUs.
 */
const PHASE_DEADLINE_MS: Readonly<Record<ProofPhase, number>> = {
  connect: 5_000,
  key_exchange: 8_000,
  authentication: 8_000,
  command: 20_000,
};

/** How long the rest of what a command said may take to arrive. */
const LINGER_MS = 1_000;

/** What to do on the machine. */
export interface Errand {
  readonly login: Login;
  readonly command: string;
  /** For all phases together. */
  readonly deadlineMs: number;
  /** Of the command's output, this much is kept from its beginning. */
  readonly keptBytes: number;
  /** A host that says more than this is hung up on. */
  readonly maxBytes: number;
}

/** What became of an errand. */
export type Visit =
  | FailedLogin
  /** Without a private key nothing is run. */
  | { readonly kind: 'key_accepted'; readonly hostKey: string }
  | {
      readonly kind: 'logged_in';
      readonly hostKey: string;
      readonly ending: CommandEnding;
      readonly output: string;
    };

/** `failed` is a status other than 0; `broke` is none; a command that was cut off or timed out may have gone on. */
export type CommandEnding = 'succeeded' | 'failed' | 'broke' | 'cut_off' | 'timed_out';

/** One try to log in. It settles once; whatever the host or the network does after that changes nothing. */
export class LoginAttempt {
  readonly #tools: LoginTools;
  readonly #errand: Errand;
  readonly #login: Login;
  readonly #resolve: (visit: Visit) => void;
  readonly #startedMs: number;
  readonly #output: BoundedOutput;
  readonly #client: Client = new ssh2.Client();
  #socket: Socket | undefined;
  #phase: ProofPhase = 'connect';
  #cancelDeadline: Cancel = () => undefined;
  #hostKey: string | undefined;
  #exit: CommandEnding = 'broke';
  #isSettled = false;

  constructor(tools: LoginTools, errand: Errand, resolve: (visit: Visit) => void) {
    this.#tools = tools;
    this.#errand = errand;
    this.#login = errand.login;
    this.#resolve = resolve;
    this.#startedMs = tools.clock.monotonicMs();
    this.#output = new BoundedOutput(errand);
  }

  start(): void {
    this.#enter('connect');
    this.#guarded(() => {
      this.#socket = this.#tools.dial(this.#login);
      this.#socket.on('connect', () => this.#guarded(() => this.#takeTurn()));
      this.#socket.on('error', () => this.#break());
      this.#socket.on('close', () => this.#break());
    });
  }

  /** Nothing is read before that, so that a host may greet as long as it likes. */
  #takeTurn(): void {
    const { clock, pace } = this.#tools;
    const delayMs = pace.reserve(clock.monotonicMs());
    if (delayMs === 0) {
      this.#shakeHands();
      return;
    }
    this.#cancelDeadline();
    this.#cancelDeadline = clock.after(delayMs, () => this.#guarded(() => this.#shakeHands()));
  }

  #shakeHands(): void {
    assert(this.#socket);
    this.#enter('key_exchange');
    this.#client.on('handshake', () => this.#enter('authentication'));
    this.#client.on('ready', () => this.#guarded(() => this.#runCommand()));
    this.#client.on('error', (error) => this.#fail(error));
    this.#client.connect({
      sock: this.#socket,
      username: this.#login.user,
      hostVerifier: (key: Buffer) => this.#isExpectedHost(key),
      authHandler: [authMethod(this.#login, () => this.#accept())],
      // The deadlines here are the clock's; the library's own timer is off.
      readyTimeout: 0,
    });
  }

  /** Before the key is known to be the one seen before, nothing is sent that the host could use. */
  #isExpectedHost(key: Buffer): boolean {
    const hostKey = fingerprintOfBlob(key);
    if (this.#login.hostKey !== undefined && this.#login.hostKey !== hostKey) {
      this.#settle({ kind: 'host_key_changed', hostKey });
      return false;
    }
    this.#hostKey = hostKey;
    return true;
  }

  #runCommand(): void {
    this.#enter('command');
    this.#client.exec(this.#errand.command, (error, channel) => {
      if (error) this.#end('broke');
      else this.#awaitExit(channel);
    });
  }

  #awaitExit(channel: ClientChannel): void {
    channel.on('exit', (code: number | null) => {
      this.#exit = code === 0 ? 'succeeded' : code === null ? 'broke' : 'failed';
      this.#linger();
    });
    channel.on('close', () => this.#end(this.#exit));
    // What nobody reads would fill the window, and the exit would never be seen.
    channel.on('data', (chunk: Buffer) => this.#hear(chunk));
    channel.stderr.on('data', (chunk: Buffer) => this.#overhear(chunk));
  }

  /**
   * What was said before the exit can still be on its way. The end of it never comes where a start file has left something
   * running that holds the channel.
   */
  #linger(): void {
    this.#cancelDeadline();
    const delayMs = Math.min(LINGER_MS, this.#leftMs());
    this.#cancelDeadline = this.#tools.clock.after(delayMs, () => this.#end(this.#exit));
  }

  #hear(chunk: Buffer): void {
    if (this.#output.add(chunk) === 'too_much') this.#end('cut_off');
  }

  /** Complaints are not kept; that there is no end of them counts all the same. */
  #overhear(chunk: Buffer): void {
    if (this.#output.skip(chunk) === 'too_much') this.#end('cut_off');
  }

  #fail(error: Error & { readonly level?: string }): void {
    if (error.level === 'client-authentication') this.#settle({ kind: 'auth_refused' });
    else this.#break();
  }

  #accept(): void {
    this.#settle({ kind: 'key_accepted', hostKey: this.#verifiedKey() });
  }

  /** The login itself has worked, whatever became of the command. */
  #end(ending: CommandEnding): void {
    this.#settle({
      kind: 'logged_in',
      hostKey: this.#verifiedKey(),
      ending,
      output: this.#output.text(),
    });
  }

  #break(): void {
    if (this.#phase === 'command') this.#end('broke');
    else this.#settle({ kind: 'unreachable', phase: this.#phase });
  }

  #verifiedKey(): string {
    assert(this.#hostKey !== undefined, 'a host is verified before it is logged in to');
    return this.#hostKey;
  }

  #enter(phase: ProofPhase): void {
    if (this.#isSettled) return;
    this.#cancelDeadline();
    this.#phase = phase;
    const delayMs = Math.min(PHASE_DEADLINE_MS[phase], this.#leftMs());
    this.#cancelDeadline = this.#tools.clock.after(delayMs, () => this.#timeOut(phase));
  }

  #leftMs(): number {
    const endsAtMs = this.#startedMs + this.#errand.deadlineMs;
    return Math.max(0, endsAtMs - this.#tools.clock.monotonicMs());
  }

  #timeOut(phase: ProofPhase): void {
    if (phase === 'command') this.#end('timed_out');
    else this.#settle({ kind: 'timed_out', phase });
  }

  /** The library and the socket throw for what the host or the address gives them, such as a port above 65,535. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch {
      this.#break();
    }
  }

  /** Listeners stay where they are: an error that comes late must not be one that nobody hears. */
  #settle(visit: Visit): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelDeadline();
    this.#client.destroy();
    this.#socket?.destroy();
    this.#resolve(visit);
  }
}
