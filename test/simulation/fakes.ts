import { createHash } from 'node:crypto';
import type { Clock } from '../../src/ports/clock.ts';
import type { Keys } from '../../src/ports/keys.ts';
import type { Random } from '../../src/ports/random.ts';
import type { FailedLogin, Login, Proof, RemoteShell } from '../../src/ports/remote-shell.ts';
import type { ProbeTarget, WorkloadAnswer, WorkloadProbe } from '../../src/ports/workload-probe.ts';
import { runLine } from '../../src/simulator/fake-shell.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { Chance } from '../../src/simulator/model.ts';
import {
  hasBegun,
  LOOK_COMMAND,
  REPORT_COMMAND,
  readReport,
  readWholeReport,
} from '../../src/ssh/machine-report.ts';
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
  /** Probability that what a machine says cannot be read, or not all of it. */
  readonly garbles: number;
}

/** What the broker reaches of the rented machines, and over which network. */
export interface RemoteWorld {
  readonly market: Pick<SimMarket, 'knock' | 'visit' | 'machine'>;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly conditions: () => RemoteConditions;
  readonly tally: Tally;
  /** Somebody has tried to log in, and met this. */
  readonly onLogin: (login: Login, met: Visit) => void;
}

const GIVE_UP_MS = 10_000;
/** For the command of a proof. */
const PROOF_MS = 10_000;
const PROBE_GIVE_UP_MS = 5_000;

/**
 * Knocks at the marketplace's machines over a network that may drop the connection, and reads what the very command that the
 * broker sends prints there.
 */
export function simulatedShell(world: RemoteWorld): RemoteShell {
  const visited = async (login: Login): Promise<Visit> => {
    const { latencyMs, drops } = world.conditions();
    const isDropped = world.chance.hit(drops);
    await sleep(world.clock, latencyMs);
    if (isDropped) world.tally.count('ssh dropped');
    const met = isDropped ? DROPPED : await knock(world, login);
    world.onLogin(login, met);
    return met;
  };
  return {
    prove: async (login) => {
      const met = await visited(login);
      if (met.kind !== 'in') return met;
      const said = await run(world, { met, login, command: REPORT_COMMAND, deadlineMs: PROOF_MS });
      return proofOf(met, said);
    },
    inspect: async (login, deadlineMs) => {
      const met = await visited(login);
      if (met.kind !== 'in') return met;
      const said = await run(world, { met, login, command: LOOK_COMMAND, deadlineMs });
      return said === undefined
        ? { kind: 'key_accepted' }
        : { kind: 'logged_in', report: readReport(said) };
    },
  };
}

/** What somebody met who tried to log in. */
export type Visit = FailedLogin | Entry;
interface Entry {
  readonly kind: 'in';
  readonly hostKey: string;
  readonly id: string;
}

const DROPPED: Visit = { kind: 'unreachable', phase: 'connect' };

async function knock({ market, clock, tally }: RemoteWorld, login: Login): Promise<Visit> {
  const answer = market.knock(login);
  tally.count(`ssh ${answer.kind}`);
  switch (answer.kind) {
    case 'refused':
      return { kind: 'unreachable', phase: 'connect' };
    case 'hangs':
      await sleep(clock, GIVE_UP_MS);
      return { kind: 'timed_out', phase: 'connect' };
    case 'stalls':
      await sleep(clock, GIVE_UP_MS);
      return { kind: 'timed_out', phase: 'key_exchange' };
    case 'auth_failed':
    case 'open': {
      const { hostKey } = answer;
      // Whoever knows the host sends nothing before it has seen its key.
      const isAnother = login.hostKey !== undefined && login.hostKey !== hostKey;
      if (isAnother) return { kind: 'host_key_changed', hostKey };
      if (answer.kind === 'auth_failed') return { kind: 'auth_refused' };
      return { kind: 'in', hostKey, id: answer.instance.id };
    }
  }
}

/** A machine that breaks off before it has begun runs nothing. */
function proofOf({ hostKey }: Entry, said: string | undefined): Proof {
  if (said === undefined) return { kind: 'proven', hostKey };
  if (!hasBegun(said)) return { kind: 'unreachable', phase: 'command' };
  const report = readWholeReport(said);
  return { kind: 'proven', hostKey, ...(report === undefined ? {} : { report }) };
}

interface Errand {
  readonly met: Entry;
  readonly login: Login;
  readonly command: string;
  readonly deadlineMs: number;
}

/** What the machine says, as far as it comes within the time; undefined where nobody can have anything run there. */
async function run(world: RemoteWorld, errand: Errand): Promise<string | undefined> {
  const { met, login, command, deadlineMs } = errand;
  const { market, clock, tally } = world;
  if (login.privateKey === undefined) return undefined;
  const slowMs = market.machine(met.id)?.slowMs ?? 0;
  if (slowMs > 0) tally.count('ssh slow answer');
  await sleep(clock, Math.min(slowMs, deadlineMs));
  const machine = market.machine(met.id);
  if (slowMs >= deadlineMs || machine === undefined) return '';
  return garbled(world, runLine(command, { machine, user: login.user }).stdout);
}

/** A machine may say anything at all, or break off in the middle. */
function garbled({ chance, conditions, tally }: RemoteWorld, text: string): string {
  if (!chance.hit(conditions().garbles)) return text;
  tally.count('ssh garbled look');
  const cut = text.slice(0, chance.int(0, text.length));
  const beginning = text.split('\n').slice(0, chance.int(1, 4)).join('\n');
  return chance.pick([
    cut,
    beginning,
    `${cut}\n<html>502</html>`,
    text.replace(/\d+/g, '[N/A]'),
    '\u0000\u0007',
  ]);
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
