import { createHash } from 'node:crypto';
import type { Clock } from '../../src/ports/clock.ts';
import type { Keys } from '../../src/ports/keys.ts';
import type { Random } from '../../src/ports/random.ts';
import type { Inspection, Login, Proof, RemoteShell } from '../../src/ports/remote-shell.ts';
import type { ProbeTarget, WorkloadAnswer, WorkloadProbe } from '../../src/ports/workload-probe.ts';
import type { Chance, Marketplace } from '../../src/simulator/model.ts';
import type { Tally } from './tally.ts';

/** Keys that depend on the session alone, so that a seed gives the same trace; sealing is reversible text. */
export const plainKeys: Keys = {
  generate: (comment) => {
    const blob = createHash('sha256').update(comment).digest();
    const wire = Buffer.concat([
      Buffer.from('0000000b7373682d6564323535313900000020', 'hex'),
      blob,
    ]).toString('base64');
    return { publicKey: `ssh-ed25519 ${wire} ${comment}`, privateKey: `private:${wire}` };
  },
  seal: (plain, context) => `sealed:${context}:${plain}`,
  open: (sealed, context) => {
    const prefix = `sealed:${context}:`;
    if (!sealed.startsWith(prefix)) throw new Error('sealed for another context');
    return sealed.slice(prefix.length);
  },
  tokenFor: (context) => `private:token:${context}`,
  tokenHash: (token) => createHash('sha256').update(token).digest('hex'),
  isTokenOf: (hash, token) => hash === createHash('sha256').update(token).digest('hex'),
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function randomOf(chance: Chance): Random {
  return {
    next: () => chance.next(),
    token: (length) =>
      Array.from({ length }, () => LETTERS.charAt(chance.int(0, LETTERS.length - 1))).join(''),
  };
}

export interface RemoteConditions {
  readonly latencyMs: number;
  /** Probability that a connection is dropped. */
  readonly drops: number;
}

/** What the broker reaches of the rented machines, and over which network. */
export interface RemoteWorld {
  readonly market: Pick<Marketplace, 'knock' | 'visit'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly conditions: () => RemoteConditions;
  readonly tally: Tally;
}

const GIVE_UP_MS = 10_000;
const PROBE_GIVE_UP_MS = 5_000;

/** Knocks at the marketplace's machines over a network that may drop the connection. */
export function simulatedShell(world: RemoteWorld): RemoteShell {
  const prove = async (login: Login): Promise<Proof> => {
    const { latencyMs, drops } = world.conditions();
    const isDropped = world.chance.hit(drops);
    await sleep(world.clock, latencyMs);
    if (isDropped) world.tally.count('ssh dropped');
    return isDropped ? { kind: 'unreachable', phase: 'connect' } : knock(world, login);
  };
  return { prove, inspect: async (login) => inspectionOf(await prove(login)) };
}

/** Nothing runs on the machines of a played network, so there is nothing to be read from one. */
function inspectionOf(proof: Proof): Inspection {
  if (proof.kind !== 'proven') return proof;
  const report = {
    gpus: undefined,
    driverVersion: undefined,
    cudaVersion: undefined,
    diskFreeBytes: undefined,
    work: undefined,
  };
  return { kind: 'logged_in', report };
}

async function knock({ market, clock, tally }: RemoteWorld, login: Login): Promise<Proof> {
  const answer = market.knock(login);
  tally.count(`ssh ${answer.kind}`);
  switch (answer.kind) {
    case 'refused':
      return { kind: 'unreachable', phase: 'connect' };
    case 'hangs':
      await sleep(clock, GIVE_UP_MS);
      return { kind: 'timed_out', phase: 'connect' };
    case 'auth_failed':
      return { kind: 'auth_refused' };
    case 'open':
      return login.hostKey !== undefined && login.hostKey !== answer.hostKey
        ? { kind: 'host_key_changed', hostKey: answer.hostKey }
        : { kind: 'proven', hostKey: answer.hostKey };
  }
}

/** Asks the marketplace's containers over the same network, with a rule of its own for what counts as serving. */
export function simulatedProbe(world: RemoteWorld): WorkloadProbe {
  return {
    probe: async (target) => {
      const { latencyMs, drops } = world.conditions();
      const isDropped = world.chance.hit(drops);
      await sleep(world.clock, latencyMs);
      if (isDropped) world.tally.count('http dropped');
      return isDropped ? { kind: 'silent', reason: 'unreachable' } : visit(world, target);
    },
  };
}

async function visit(
  { market, clock, tally }: RemoteWorld,
  { host, port, path, accepts }: ProbeTarget,
): Promise<WorkloadAnswer> {
  const reply = market.visit({ host, port, path });
  tally.count(`http ${reply.kind}`);
  switch (reply.kind) {
    case 'refused':
      return { kind: 'silent', reason: 'unreachable' };
    case 'hangs':
      await sleep(clock, PROBE_GIVE_UP_MS);
      return { kind: 'silent', reason: 'timed_out' };
    case 'answers': {
      const { status } = reply;
      tally.count(`http status ${status}`);
      const isServing = accepts === 'ok' ? Math.floor(status / 100) === 2 : status < 500;
      return { kind: isServing ? 'serving' : 'not_yet', status };
    }
  }
}

function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
