import type { Instance } from '../../src/domain/instance.ts';
import { PRICE_PARTS } from '../../src/domain/offer.ts';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { openFileDatabase } from '../../src/store/database.ts';
import { insertSession } from '../../src/store/write-session.ts';
import { instance, request, session } from '../support/builders.ts';
import { drawnOffers } from './market.ts';

/** Sessions written with one transaction. */
const BATCH = 1_000;

export interface StoredSessions {
  readonly path: string;
  readonly count: number;
  /** Ledger lines of each. */
  readonly linesEach: number;
  /** Time over which they began, back from `now`. */
  readonly spanMs: number;
  readonly now: number;
}

/** Consumers that the sessions are spread over, each with as many. */
export const CONSUMERS = 50;

/** Fills a database with sessions that have ended, spread evenly over time and consumers. */
export async function storeSessions(wanted: StoredSessions): Promise<void> {
  const database = openFileDatabase(wanted.path);
  const offers = drawnOffers(1_000, wanted.now);
  for (let start = 0; start < wanted.count; start += BATCH) {
    await database.kysely.transaction().execute(async (trx) => {
      for (let number = start; number < Math.min(start + BATCH, wanted.count); number += 1) {
        const offer = offers[number % offers.length];
        if (offer) await insertSession(trx, endedSession(number, wanted, { offer }));
      }
    });
  }
  await database.close();
}

export function storedId(number: number): string {
  return `sess-${number.toString(36).padStart(16, '0')}`;
}

function endedSession(
  number: number,
  { now, spanMs, count, linesEach }: StoredSessions,
  { offer }: Pick<Instance, 'offer'>,
): Session {
  const lastsMs = (0.5 + (number % 7)) * HOUR_MS;
  const createdAt = Math.round(now - lastsMs - spanMs * (1 - number / count));
  const endedAt = createdAt + lastsMs;
  const id = storedId(number);
  const piece = lastsMs / Math.ceil(linesEach / PRICE_PARTS.length);
  const costs = Array.from({ length: linesEach }, (_, line) => {
    const startedAt = Math.round(createdAt + piece * Math.floor(line / PRICE_PARTS.length));
    const part = PRICE_PARTS[line % PRICE_PARTS.length] ?? 'gpu';
    return {
      part,
      rateMicroUsdPerHour: part === 'gpu' ? offer.price.gpu + line : 1_000 + line,
      startedAt,
      endedAt: Math.round(startedAt + piece),
    };
  });
  return session({
    id,
    status: 'stopped',
    request: request({ consumerId: `consumer-${number % CONSUMERS}` }),
    createdAt,
    runningAt: createdAt + MINUTE_MS,
    expiresAt: endedAt,
    stopAskedAt: endedAt,
    stopReason: 'done',
    stoppedAt: endedAt,
    instances: [
      instance({
        sessionId: id,
        offer,
        provider: offer.provider,
        api: offer.api,
        state: 'gone',
        providerInstanceId: String(30_000_000 + number),
        address: { host: '192.0.2.10', port: 22_000, user: 'root' },
        hostKey: 'SHA256:Eu1PnPbY2oAr4rGzB3Mlq0bq4LQh2uQtQ1mWc6mK3yQ',
        intendedAt: createdAt,
        readyBy: createdAt + 10 * MINUTE_MS,
        launchedAt: createdAt + 1_000,
        runningAt: createdAt + MINUTE_MS,
        terminateAskedAt: endedAt,
        goneAt: endedAt,
        costs,
      }),
    ],
  });
}
