import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Chance } from '../../src/simulator/model.ts';
import type { VirtualClock } from '../simulation/virtual-clock.ts';

export interface WorkloadParts {
  readonly clock: VirtualClock;
  readonly chance: Chance;
  /** Where the API is. */
  readonly base: string;
  /** Sessions that are to be there at any time. */
  readonly live: number;
}

/** What was asked, and how it went. */
export interface Served {
  made: number;
  ended: number;
  answers: number;
  /** Answers that no healthy broker gives: 5xx but for offers that are gone. */
  readonly faults: string[];
}

const CONSUMERS = 12;
const GPU_TYPES = ['4090', 'A100', 'H100', '3090', 'L40S'];
const MAX_FAULTS = 20;
/** In a minute, of each sort. */
const READS_A_MINUTE = 3;
/** Of twenty creates at once each waits for its turn at the rate limit. */
const ANSWERED_WITHIN_SECONDS = 600;
/** For bytes on their way over loopback, which no clock of ours can hurry. */
const REAL_PAUSE_MS = 2;

/** So many sessions at any time, for one to three hours each, made and ended and looked at as callers do. */
export function workload(parts: WorkloadParts) {
  const served: Served = { made: 0, ended: 0, answers: 0, faults: [] };
  const ask = asker(parts, served);
  const pass = async (durationMs: number): Promise<void> => {
    for (let minutes = 0; minutes * MINUTE_MS < durationMs; minutes += 1) {
      await read(parts, ask);
      await fillUp(parts, ask, served);
      await parts.clock.advance(MINUTE_MS);
    }
  };
  return { served, pass };
}

type Ask = (request: string, body?: object) => Promise<unknown>;

function asker({ base }: WorkloadParts, served: Served): Ask {
  return async (request, body) => {
    const [method = 'GET', path = '/'] = request.split(' ');
    const answer = await fetch(`${base}${path}`, {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    served.answers += 1;
    const text = await answer.text();
    const isFault = answer.status >= 500 && answer.status !== 503;
    if (isFault && served.faults.length < MAX_FAULTS) served.faults.push(`${request}: ${text}`);
    return answer.headers.get('content-type')?.includes('json') && text !== ''
      ? JSON.parse(text)
      : undefined;
  };
}

/** What dashboards, scrapers and clients read. */
async function read({ chance }: WorkloadParts, ask: Ask): Promise<void> {
  await Promise.all([
    ask('GET /health'),
    ask('GET /metrics'),
    ask('GET /costs/summary'),
    ask(`GET /costs?consumer_id=consumer-${chance.int(0, CONSUMERS - 1)}&period=daily`),
    ask('GET /sessions?limit=50'),
    ask('GET /offer-health'),
  ]);
  const live = idsOf(await ask('GET /sessions?status=running&limit=100'));
  for (let count = 0; count < READS_A_MINUTE; count += 1) {
    const filter = `gpu_type=${chance.pick(GPU_TYPES)}&max_price=${(chance.int(20, 400) / 100).toFixed(2)}`;
    await ask(`GET /offers?${filter}&limit=20`);
    if (live.length === 0) continue;
    const id = chance.pick(live);
    await Promise.all([
      ask(`GET /sessions/${id}`),
      ask(`GET /sessions/${id}/activity`),
      ask(`GET /costs?session_id=${id}`),
    ]);
  }
}

/** Makes as many as are missing; of those that run, now and then one is ended before its time. */
async function fillUp({ clock, chance, live }: WorkloadParts, ask: Ask, served: Served) {
  const open = (
    await Promise.all(
      ['pending', 'provisioning', 'running'].map((status) =>
        ask(`GET /sessions?status=${status}&limit=100`),
      ),
    )
  ).map(idsOf);
  const running = open.at(-1) ?? [];
  const asked: Promise<unknown>[] = [];
  if (running.length > 0 && chance.hit(1 / 10)) {
    served.ended += 1;
    asked.push(ask(`DELETE /sessions/${chance.pick(running)}`));
  }
  for (let missing = live - open.flat().length; missing > 0; missing -= 1) {
    served.made += 1;
    asked.push(ask('POST /sessions', wish(chance)));
  }
  await realPause();
  // A launch waits for its answer, and an end for its confirmation: both take time of ours.
  const all = Promise.all(asked).then(() => 'answered' as const);
  for (let seconds = 0; seconds < ANSWERED_WITHIN_SECONDS; seconds += 1) {
    if ((await Promise.race([all, realPause()])) === 'answered') return;
    await clock.advance(SECOND_MS);
  }
  throw new Error('a request is not answered');
}

function wish(chance: Chance): object {
  return {
    consumer_id: `consumer-${chance.int(0, CONSUMERS - 1)}`,
    requirements: { min_vram: chance.pick([12, 24]) },
    workload_type: chance.pick(['training', 'ssh', 'batch']),
    reservation_hours: chance.int(1, 3),
    ...(chance.hit(1 / 2) && { idle_threshold_minutes: chance.pick([15, 30, 60]) }),
  };
}

function idsOf(page: unknown): readonly string[] {
  const sessions: unknown = page instanceof Object ? Reflect.get(page, 'sessions') : [];
  if (!Array.isArray(sessions)) return [];
  return sessions.map((one: unknown) =>
    one instanceof Object ? String(Reflect.get(one, 'id')) : '',
  );
}

export function realPause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, REAL_PAUSE_MS);
  });
}
