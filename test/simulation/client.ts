import type { Broker } from '../../src/broker.ts';
import { BrokerError } from '../../src/domain/errors.ts';
import { type Offer, totalPerHour } from '../../src/domain/offer.ts';
import type { Choice, SessionRequest } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import { SERVER_IMAGES } from '../../src/domain/workload.ts';
import type { CreatedSession } from '../../src/sessions/session-service.ts';
import type { SessionWish } from '../../src/sessions/settle-request.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { wholeMenu } from '../support/whole-menu.ts';
import { drawAgent, runAgent } from './agent.ts';
import { DiskFull } from './disk.ts';
import type { Plan } from './plan.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface ClientParts {
  readonly name: string;
  readonly plan: Plan;
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** The broker that answers now; undefined while the process is down. */
  readonly broker: () => Broker | undefined;
  /** The same, also while it is not ready: what agents say is heard all the same. */
  readonly listener: () => Broker | undefined;
  readonly onWord: (id: string, isWork: boolean) => void;
  readonly onAsk: (ask: 'create' | 'stop') => void;
  /** A request reaches the broker. */
  readonly onRequest: () => void;
  readonly onUnexpected: (message: string) => void;
}

/** How long a program waits for an answer before it asks again. */
const PATIENCE_MS = 3 * MINUTE_MS;
const MAX_TRIES = 12;
const RETRY_MS = 15 * SECOND_MS;

/**
 * A program that rents: picks something from the menu, asks with an `Idempotency-Key`, asks again when no answer comes,
 * and later is done, deletes, extends, or just lets the time run out.
 */
export async function useOneSession(parts: ClientParts): Promise<void> {
  const { clock, chance, plan } = parts;
  await sleep(clock, chance.int(0, Math.floor(plan.busyMs * 0.7)));
  const id = await rent(parts);
  if (id === undefined) return;
  await sleep(clock, chance.int(1_000, Math.floor(plan.busyMs / 2)));
  await moveOn(parts, id);
  const aside = chance.fork('comes back');
  for (let returns = 0; returns < MAX_RETURNS && aside.hit(plan.keepers); returns += 1) {
    await comeBack({ ...parts, chance: aside }, id);
  }
}

const MAX_RETURNS = 3;

/** Somebody whose disk was kept goes on with it, changes their mind in the middle, or gives it up. */
async function comeBack(parts: ClientParts, id: string): Promise<void> {
  const { clock, chance, plan } = parts;
  await sleep(clock, chance.int(1_000, Math.floor(plan.busyMs / 6)));
  const way = chance.pick([
    'resume',
    'resume',
    'resume twice',
    'resume and stop',
    'delete',
  ] as const);
  const resume = () => insist(parts, (broker) => broker.sessions.resume(id));
  switch (way) {
    case 'resume':
      await resume();
      break;
    case 'resume twice':
      await Promise.all([resume(), resume()]);
      break;
    case 'resume and stop':
      void resume();
      await sleep(clock, chance.int(1, 20_000));
      break;
    case 'delete':
      await endSession(parts, id);
      return;
  }
  await sleep(clock, chance.int(1_000, Math.floor(plan.busyMs / 6)));
  await insist(parts, (broker) => broker.sessions.done(id));
}

/** Rents at once, waits until the session runs, uses it for a moment and is done with it, or stays. */
export async function goStraight(parts: ClientParts): Promise<void> {
  const id = await rent(parts);
  if (id === undefined || parts.plan.clients === 'stay') return;
  await untilUsable(parts, id);
  // A server on a fresh machine takes more than one patience.
  if (parts.plan.servers > 0) await untilUsable(parts, id);
  await sleep(parts.clock, 20 * SECOND_MS);
  parts.onAsk('stop');
  await insist(parts, (broker) => broker.sessions.done(id));
  if (parts.plan.keepers === 0) return;
  await untilStopped(parts, id);
  await sleep(parts.clock, MINUTE_MS);
  await insist(parts, (broker) => broker.sessions.resume(id));
  await untilUsable(parts, id);
  await sleep(parts.clock, 20 * SECOND_MS);
  await insist(parts, (broker) => broker.sessions.done(id));
}

async function untilStopped(parts: ClientParts, id: string): Promise<void> {
  await insist(parts, async (broker) => {
    const session = await broker.sessions.get(id);
    if (session?.status === 'stopping') throw new Waiting();
  });
}

async function untilUsable(parts: ClientParts, id: string): Promise<void> {
  await insist(parts, async (broker) => {
    const session = await broker.sessions.get(id);
    if (session?.status === 'provisioning' || session?.status === 'pending') throw new Waiting();
  });
}

/** Asks for the end of one session until the broker has heard it. */
export async function endSession(parts: ClientParts, id: string): Promise<void> {
  await insist(parts, (broker) => broker.sessions.destroy(id));
}

async function rent(parts: ClientParts): Promise<string | undefined> {
  const request = await chooseRequest(parts);
  if (!request) return undefined;
  const idempotency = { key: parts.name, bodyHash: parts.name };
  const creation = { request, ...(parts.plan.sendsKeys && { idempotency }) };
  const ask = () => insist(parts, (broker) => broker.sessions.create(creation));
  parts.onAsk('create');
  // A hasty program, or a proxy, sends the same request again before it is answered.
  if (parts.chance.hit(parts.plan.asksTwice)) void ask();
  const created = await ask();
  if (created) installAgent(parts, created);
  return created?.session.id;
}

/** The client starts it as soon as it has the token; it speaks from the boot on. */
function installAgent(
  { plan, chance, clock, listener, onWord, onUnexpected }: ClientParts,
  { session: { id }, agentToken: token }: CreatedSession,
): void {
  const agent = drawAgent(plan, chance);
  if (!agent || token === undefined) return;
  const told = (isWork: boolean): void => onWord(id, isWork);
  void runAgent({ agent, clock, id, token, broker: listener, onWord: told, onUnexpected });
}

const WAYS = ['done', 'delete', 'extend', 'let it run', 'done twice'] as const;
/** Who keeps a disk mostly means to come back to it. */
const KEEPERS_WAYS = ['done', 'done', 'done', 'let it run', 'delete', 'done twice'] as const;

async function moveOn(parts: ClientParts, id: string): Promise<void> {
  const { chance, plan } = parts;
  const way = chance.pick(plan.keepers > 0 ? KEEPERS_WAYS : WAYS);
  switch (way) {
    case 'done':
      await insist(parts, (broker) => broker.sessions.done(id));
      return;
    case 'delete':
      await endSession(parts, id);
      return;
    case 'extend':
      await insist(parts, (broker) => broker.sessions.extend(id, chance.int(1, 3)));
      return;
    case 'done twice':
      await Promise.all([
        insist(parts, (broker) => broker.sessions.done(id)),
        endSession(parts, id),
      ]);
      return;
    case 'let it run':
      return;
  }
}

/** Not yet: asked again later, as when there is no answer. */
class Waiting extends Error {}

/** Tries until an answer comes. A refusal is an answer; a dead process, or one that is not ready, is none. */
async function insist<Value>(
  parts: ClientParts,
  ask: (broker: Broker) => Promise<Value>,
): Promise<Value | undefined> {
  for (let tries = 0; tries < MAX_TRIES * 4; tries += 1) {
    const broker = parts.broker();
    if (broker) {
      parts.onRequest();
      const answer = await Promise.race([
        ask(broker).then(
          (value) => ({ kind: 'value' as const, value }),
          (error: unknown) => ({ kind: 'error' as const, error }),
        ),
        sleep(parts.clock, PATIENCE_MS).then(() => ({ kind: 'silence' as const })),
      ]);
      if (answer.kind === 'value') return answer.value;
      if (answer.kind === 'error' && !isWorthAnotherTry(parts, answer.error)) return undefined;
    }
    await sleep(parts.clock, RETRY_MS);
  }
  return undefined;
}

function isWorthAnotherTry(parts: ClientParts, error: unknown): boolean {
  if (error instanceof Waiting || error instanceof DiskFull) return true;
  if (error instanceof BrokerError) {
    return error.code === 'not_ready' || parts.plan.asksAgain === 'after refusals too';
  }
  parts.onUnexpected(`a request failed with ${String(error)}`);
  return false;
}

async function chooseRequest(parts: ClientParts): Promise<SessionWish | undefined> {
  const { chance, clock, plan } = parts;
  for (let looks = 0; looks < 20 * MAX_TRIES; looks += 1) {
    const offers = menuOf(parts.broker()).filter(plan.wants);
    if (offers.length > 0) {
      const offer = chance.pick(offers);
      return {
        consumerId: parts.name,
        choice: drawChoice(parts, offer),
        workloadType: 'training',
        reservationHours: chance.pick(plan.reservationHours),
        ...drawWatch(plan, chance),
        diskGb: chance.pick([8, 50, 100, 200]),
        ...drawWorkload(plan, chance.fork('workload')),
        ...drawTerms(plan, offer, chance.fork('terms')),
        ...(plan.readyTimeoutMs === undefined ? {} : { readyTimeoutMs: plan.readyTimeoutMs }),
      };
    }
    await sleep(clock, 5 * SECOND_MS);
  }
  return undefined;
}

/** What is to be watched. Whoever has an agent has a threshold as well. */
function drawWatch(
  plan: Plan,
  chance: Chance,
): Pick<SessionWish, 'idleThresholdMinutes' | 'readiness' | 'replaces'> {
  const draws = chance.fork('watch');
  const { gpuReady, replacers, idlers } = plan.watching;
  const threshold = draws.hit(idlers) ? draws.pick(plan.agents.thresholdMinutes) : 0;
  return {
    idleThresholdMinutes: drawAgent(plan, chance)?.thresholdMinutes ?? threshold,
    readiness: draws.hit(gpuReady) ? 'gpu' : 'login',
    ...(draws.hit(replacers) ? { replaces: true as const } : {}),
  };
}

/** What the machine is for, and for a server the disk that it takes. */
function drawWorkload(plan: Plan, chance: Chance): Pick<SessionWish, 'workload' | 'diskGb'> {
  if (!chance.hit(plan.servers)) return { workload: { kind: 'ssh' } };
  return chance.pick(SERVERS);
}

/** What becomes of the disk, and what is bid: from just enough to half as much again. */
function drawTerms(
  plan: Plan,
  { preservable, minBid }: Offer,
  chance: Chance,
): Pick<SessionWish, 'keepsDisk' | 'bidPerHour'> {
  const isKept = chance.hit(plan.keepers) && preservable === true;
  const isBid = chance.hit(plan.bidders) && minBid !== undefined;
  const factor = 1 + chance.next() / 2;
  return {
    ...(isKept ? { keepsDisk: true as const } : {}),
    ...(isBid ? { bidPerHour: Math.ceil(minBid * factor) } : {}),
  };
}

/** Both servers of models, and an image of somebody's own with two ports. */
const SERVERS: readonly Pick<SessionRequest, 'workload' | 'diskGb'>[] = [
  {
    diskGb: 50,
    workload: {
      kind: 'entrypoint',
      image: SERVER_IMAGES.vllm,
      model: { server: 'vllm', modelId: 'Qwen/Qwen2.5-7B-Instruct' },
      ports: [8000],
    },
  },
  {
    diskGb: 100,
    workload: {
      kind: 'entrypoint',
      image: SERVER_IMAGES.tgi,
      model: { server: 'tgi', modelId: 'owner/Small-8B-AWQ', quantization: 'awq' },
      ports: [3000],
    },
  },
  { diskGb: 50, workload: { kind: 'entrypoint', image: 'team/app:1.2', ports: [8080, 9090] } },
];

function menuOf(broker: Broker | undefined): readonly Offer[] {
  return broker ? wholeMenu(broker.menu) : [];
}

function drawChoice({ chance, plan }: ClientParts, offer: Offer): Choice {
  const kind = chance.pick(plan.choices);
  switch (kind) {
    case 'offer':
      return { kind, offerId: offer.id };
    case 'offer-or-like': {
      const scope = chance.pick(plan.scopes);
      return { kind, offerId: offer.id, scope, maxRetries: 3 };
    }
    case 'requirements': {
      const maxPricePerHour = 2 * totalPerHour(offer.price);
      const { gpuType, gpuCount: minGpuCount } = offer;
      const filter = { gpuTypes: [gpuType], minGpuCount, maxPricePerHour };
      return { kind, filter, prefer: 'expected_cost' };
    }
  }
}

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
