import type { Broker } from '../../src/broker.ts';
import { BrokerError } from '../../src/domain/errors.ts';
import type { OrphanState } from '../../src/domain/orphan.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import type { ClientParts } from './client.ts';
import { DiskFull } from './disk.ts';

const LOOK_EVERY_MS = 1.5 * MINUTE_MS;
/** More than a world ever has. */
const MANY = 100;

/** The person behind a broker: looks at what is held now and then, and decides about some of it. */
export async function decideOnOrphans(parts: ClientParts): Promise<void> {
  const { chance, clock, plan } = parts;
  const looks = Math.floor(plan.busyMs / LOOK_EVERY_MS);
  for (let look = 0; look < looks; look += 1) {
    await new Promise<void>((resolve) => {
      clock.after(LOOK_EVERY_MS, resolve);
    });
    for (const id of await orphansIn(parts, ['held'])) {
      const word = chance.pick(['terminate', 'ignore', 'later', 'later'] as const);
      if (word !== 'later') await say(parts, (broker) => broker.orphans[word](id));
    }
  }
}

/** In the end nothing is kept: everything that is held or was ignored is to end. */
export async function endOrphans(parts: ClientParts): Promise<void> {
  for (const id of await orphansIn(parts, ['held', 'ignored'])) {
    await say(parts, (broker) => broker.orphans.terminate(id));
  }
}

async function orphansIn(
  parts: ClientParts,
  states: readonly OrphanState[],
): Promise<readonly string[]> {
  const page = await say(parts, (broker) => broker.orphans.page({ limit: MANY, offset: 0 }));
  return (page?.orphans ?? []).filter(({ state }) => states.includes(state)).map(({ id }) => id);
}

/** Said once; a broker that is down, or not ready, hears it at the next look. */
async function say<Value>(
  { broker, onUnexpected }: ClientParts,
  ask: (broker: Broker) => Promise<Value>,
): Promise<Value | undefined> {
  const present = broker();
  if (!present) return undefined;
  try {
    return await ask(present);
  } catch (error) {
    const isAnswer = error instanceof BrokerError || error instanceof DiskFull;
    if (!isAnswer) onUnexpected(`a request failed with ${String(error)}`);
    return undefined;
  }
}
