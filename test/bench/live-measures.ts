import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { Calls, Usage } from './messages.ts';
import { type Contestant, LOAD_CORE } from './pairs.ts';
import type { Row } from './rows.ts';
import { type Scene, withBroker, withSshHosts } from './scene.ts';
import { median, quantile } from './statistics.ts';

const CREATORS = 8;
const RUNNING_WITHIN_MS = 120_000;
const IDLE_MS = 30_000;
const MS_PER_MINUTE = 60_000;

const Created = Type.Object({ session: Type.Object({ id: Type.String() }) });
const Listed = Type.Object({
  total: Type.Integer(),
  sessions: Type.Array(
    Type.Object({
      created_at: Type.String(),
      running_at: Type.Optional(Type.String()),
      status: Type.String(),
    }),
  ),
});
const OfferIds = Type.Object({ offers: Type.Array(Type.Object({ id: Type.String() })) });

/** A thousand at once: what they cost once they run. */
export function measureLiving(scene: Scene, live: number): Promise<readonly Row[]> {
  return withSshHosts(scene.built, LOAD_CORE, (sshPort) =>
    withBroker(scene.built, { offers: 4 * live, sshPorts: [sshPort] }, async (broker) => {
      const few = Math.min(10, live);
      await createSessions(broker, { from: 0, count: few });
      await secondsToRunning(broker, few);
      const callsOfFew = await callsPerMinute(broker);
      scene.say(`making ${live} sessions`);
      await createSessions(broker, { from: few, count: live - few });
      const burst = await secondsToRunning(broker, live);
      scene.say('a quiet half minute');
      const quiet = await quietTime(broker);
      const callsOfMany = await callsPerMinute(broker);
      return [
        {
          ...single('live_memory', `resident memory with ${live} live sessions`, {
            value: quiet.residentBytes / 2 ** 20,
            bar: 256,
            unit: 'MB',
          }),
          details: { secondsToRunning: median(burst), p95: quantile(burst, 0.95) },
        },
        single('live_cpu', `share of a core with ${live} live sessions`, {
          value: quiet.coreShare,
          bar: 0.25,
          unit: '',
        }),
        single('live_calls', `provider calls a minute, ${live} live sessions to ${few}`, {
          value: callsOfMany / callsOfFew,
          bar: 1.1,
          unit: '×',
        }),
      ];
    }),
  );
}

/** The marketplace answers at once, so that all the time is the broker's. */
async function createSessions(
  broker: Contestant,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<void> {
  const ids = await offerIds(broker, 2 * (from + count));
  let next = 2 * from;
  let left = count;
  const creator = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const { id } = await createSession(broker, ids[next]);
      next += 1;
      if (id === undefined) left += 1;
      if (next >= ids.length) throw new Error('ran out of offers');
    }
  };
  await Promise.all(Array.from({ length: CREATORS }, creator));
}

/** The most reliable ones first. */
export async function offerIds({ port }: Contestant, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let offset = 0; offset < count; offset += 1_000) {
    const answer = await fetch(
      `http://127.0.0.1:${port}/offers?limit=1000&sort=-reliability&offset=${offset}`,
    );
    ids.push(...Value.Parse(OfferIds, await answer.json()).offers.map(({ id }) => id));
  }
  return ids;
}

export interface CreatedSession {
  /** Undefined where it was refused: the offer was on a machine that was just rented. */
  readonly id: string | undefined;
  readonly tookMs: number;
}

export async function createSession(
  { port }: Contestant,
  offerId: string | undefined,
): Promise<CreatedSession> {
  const startedMs = performance.now();
  const made = await fetch(`http://127.0.0.1:${port}/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      consumer_id: 'bench',
      offer_id: offerId,
      workload_type: 'ssh',
      reservation_hours: 12,
    }),
  });
  const body: unknown = await made.json();
  const tookMs = performance.now() - startedMs;
  return { id: made.status === 201 ? Value.Parse(Created, body).session.id : undefined, tookMs };
}

/** For those that run by now: whole seconds, as the API tells times, from the create to the login. */
async function secondsToRunning({ port }: Contestant, wanted: number): Promise<readonly number[]> {
  const deadline = performance.now() + RUNNING_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/sessions?status=running&limit=1000`);
    const { total, sessions } = Value.Parse(Listed, await answer.json());
    if (total >= wanted || performance.now() > deadline) {
      return sessions.map(
        ({ created_at, running_at = '' }) =>
          (Date.parse(running_at) - Date.parse(created_at)) / 1_000,
      );
    }
    await sleep(250);
  }
}

async function quietTime({ process }: Contestant) {
  const before = await process.ask({ kind: 'usage' }, Usage);
  await sleep(IDLE_MS);
  const after = await process.ask({ kind: 'usage' }, Usage);
  const { residentBytes } = after;
  return { residentBytes, coreShare: (after.cpuMicros - before.cpuMicros) / 1_000 / IDLE_MS };
}

async function callsPerMinute({ process }: Contestant): Promise<number> {
  const before = await process.ask({ kind: 'calls' }, Calls);
  await sleep(IDLE_MS);
  const after = await process.ask({ kind: 'calls' }, Calls);
  return ((after.calls - before.calls) * MS_PER_MINUTE) / IDLE_MS;
}

export function single(
  id: string,
  what: string,
  { value, bar, unit }: { readonly value: number; readonly bar: number; readonly unit: string },
): Row {
  return {
    id,
    what,
    value,
    unit,
    bar,
    sense: 'at most',
    lowest: value,
    highest: value,
    details: {},
  };
}
