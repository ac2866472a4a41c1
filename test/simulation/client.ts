import { BrokerError } from '../../src/domain/errors.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { Offer } from '../../src/domain/offer.ts';
import type { Choice, SessionRequest } from '../../src/domain/session.ts';
import type { Broker } from '../../src/broker.ts';
import type { Chance } from '../../src/simulator/model.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface ClientParts {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** The broker that answers now; undefined while the process is down. */
  readonly broker: () => Broker | undefined;
  readonly busyMs: number;
  readonly onUnexpected: (message: string) => void;
}

/** How long a program waits for an answer before it asks again. */
const PATIENCE_MS = 3 * MINUTE_MS;
const MAX_TRIES = 12;

/**
 * A program that rents: picks something from the menu, asks with an `Idempotency-Key`, asks again when no answer comes,
 * and later is done, deletes, extends, or just lets the time run out.
 */
export async function useOneSession(parts: ClientParts, name: string): Promise<void> {
  const { clock, chance, busyMs } = parts;
  await sleep(clock, chance.int(0, Math.floor(busyMs * 0.7)));
  const request = await chooseRequest(parts);
  if (!request) return;
  const id = await rent(parts, request, name);
  if (id === undefined) return;
  await sleep(clock, chance.int(1_000, Math.floor(busyMs / 2)));
  await moveOn(parts, id);
}

/** Asks for the end of one session until the broker has heard it. */
export async function endSession(parts: ClientParts, id: string): Promise<void> {
  await insist(parts, (broker) => broker.sessions.destroy(id));
}

async function rent(
  parts: ClientParts,
  request: SessionRequest,
  name: string,
): Promise<string | undefined> {
  const idempotency = { key: name, bodyHash: name };
  const created = await insist(parts, (broker) => broker.sessions.create({ request, idempotency }));
  return created?.session.id;
}

async function moveOn(parts: ClientParts, id: string): Promise<void> {
  const { chance } = parts;
  const way = chance.pick(['done', 'delete', 'extend', 'let it run', 'done twice'] as const);
  switch (way) {
    case 'done':
      await insist(parts, (broker) => broker.sessions.done(id));
      return;
    case 'delete':
      await insist(parts, (broker) => broker.sessions.destroy(id));
      return;
    case 'extend':
      await insist(parts, (broker) => broker.sessions.extend(id, chance.int(1, 3)));
      return;
    case 'done twice':
      await Promise.all([
        insist(parts, (broker) => broker.sessions.done(id)),
        insist(parts, (broker) => broker.sessions.destroy(id)),
      ]);
      return;
    case 'let it run':
      return;
  }
}

/** Tries until an answer comes. A refusal is an answer; a dead process, or one that is not ready, is none. */
async function insist<Value>(
  parts: ClientParts,
  ask: (broker: Broker) => Promise<Value>,
): Promise<Value | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const broker = parts.broker();
    if (broker) {
      const answer = await Promise.race([
        ask(broker).then(
          (value) => ({ kind: 'value' as const, value }),
          (error: unknown) => ({ kind: 'error' as const, error }),
        ),
        sleep(parts.clock, PATIENCE_MS).then(() => ({ kind: 'silence' as const })),
      ]);
      if (answer.kind === 'value') return answer.value;
      if (answer.kind === 'error' && !isNotReady(parts, answer.error)) return undefined;
    }
    await sleep(parts.clock, 15_000);
  }
  return undefined;
}

function isNotReady(parts: ClientParts, error: unknown): boolean {
  if (!(error instanceof BrokerError)) {
    parts.onUnexpected(`a request failed with ${String(error)}`);
    return false;
  }
  return error.code === 'not_ready';
}

async function chooseRequest(parts: ClientParts): Promise<SessionRequest | undefined> {
  const { chance, clock } = parts;
  for (let looks = 0; looks < 20; looks += 1) {
    const offers = parts.broker()?.menu.query({
      filter: {},
      sort: 'price_per_hour',
      descending: false,
      limit: 1000,
      offset: 0,
    }).offers;
    if (offers && offers.length > 0) {
      const offer = chance.pick(offers);
      return {
        consumerId: 'simulated',
        choice: drawChoice(chance, offer),
        workloadType: 'training',
        reservationHours: chance.int(1, 3),
        idleThresholdMinutes: 0,
        diskGb: chance.pick([8, 50, 100, 200]),
      };
    }
    await sleep(clock, HOUR_MS / 60);
  }
  return undefined;
}

function drawChoice(chance: Chance, offer: Offer): Choice {
  const kind = chance.pick(['offer', 'offer-or-like', 'requirements'] as const);
  switch (kind) {
    case 'offer':
      return { kind, offerId: offer.id };
    case 'offer-or-like':
      return { kind, offerId: offer.id, scope: chance.pick(['same_gpu', 'same_vram', 'any']), maxRetries: 3 };
    case 'requirements':
      return { kind, filter: { gpuTypes: [offer.gpuType], minGpuCount: offer.gpuCount }, prefer: 'price' };
  }
}

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
