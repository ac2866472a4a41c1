import { strict as assert } from 'node:assert';
import type { Socket } from 'node:net';
import ssh2, { type Client, type ClientChannel } from 'ssh2';
import type { SshAddress } from '../domain/instance.ts';
import type { Cancel, Clock } from '../ports/clock.ts';
import type { Login, Proof, ProofPhase } from '../ports/remote-shell.ts';
import { authMethod } from './auth-method.ts';
import { fingerprintOfBlob } from './fingerprint.ts';

export interface LoginTools {
  readonly clock: Clock;
  /** Begins to connect and returns at once, as `net.connect` does. */
  readonly dial: (address: SshAddress) => Socket;
}

/** How long each phase may take. A host that is up answers each within a second; the slowest seen are proxies. */
const PHASE_DEADLINE_MS: Readonly<Record<ProofPhase, number>> = {
  connect: 5_000,
  key_exchange: 8_000,
  authentication: 8_000,
  command: 10_000,
};

/** Proves that commands run, and does nothing. */
const COMMAND = 'true';

/** One try to log in. It settles once; whatever the host or the network does after that changes nothing. */
export class LoginAttempt {
  readonly #tools: LoginTools;
  readonly #login: Login;
  readonly #resolve: (proof: Proof) => void;
  readonly #client: Client = new ssh2.Client();
  #socket: Socket | undefined;
  #phase: ProofPhase = 'connect';
  #cancelDeadline: Cancel = () => undefined;
  #hostKey: string | undefined;
  #isSettled = false;

  constructor(tools: LoginTools, login: Login, resolve: (proof: Proof) => void) {
    this.#tools = tools;
    this.#login = login;
    this.#resolve = resolve;
  }

  start(): void {
    this.#enter('connect');
    this.#guarded(() => {
      this.#socket = this.#tools.dial(this.#login);
      this.#socket.on('connect', () => this.#guarded(() => this.#shakeHands()));
      this.#socket.on('error', () => this.#break());
      this.#socket.on('close', () => this.#break());
    });
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
      authHandler: [authMethod(this.#login, () => this.#prove())],
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
    this.#client.exec(COMMAND, (error, channel) => {
      if (error) this.#break();
      else this.#awaitExit(channel);
    });
  }

  #awaitExit(channel: ClientChannel): void {
    channel.on('exit', (code: number | null) => {
      if (code === 0) this.#prove();
      else this.#break();
    });
    channel.on('close', () => this.#break());
    // What nobody reads would fill the window, and the exit would never be seen.
    channel.resume();
    channel.stderr.resume();
  }

  #fail(error: Error & { readonly level?: string }): void {
    if (error.level === 'client-authentication') this.#settle({ kind: 'auth_refused' });
    else this.#break();
  }

  #prove(): void {
    assert(this.#hostKey !== undefined, 'a host is verified before it is logged in to');
    this.#settle({ kind: 'proven', hostKey: this.#hostKey });
  }

  #break(): void {
    this.#settle({ kind: 'unreachable', phase: this.#phase });
  }

  #enter(phase: ProofPhase): void {
    if (this.#isSettled) return;
    this.#cancelDeadline();
    this.#phase = phase;
    this.#cancelDeadline = this.#tools.clock.after(PHASE_DEADLINE_MS[phase], () =>
      this.#settle({ kind: 'timed_out', phase }),
    );
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
  #settle(proof: Proof): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelDeadline();
    this.#client.destroy();
    this.#socket?.destroy();
    this.#resolve(proof);
  }
}
