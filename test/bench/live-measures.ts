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

/** Sessions that live: how long one takes to be made and to run, and what a thousand of them cost. */
export function measureLiving(scene: Scene, live: number): Promise<readonly Row[]> {
  return withSshHosts(scene.built, LOAD_CORE, (sshPort) =>
    withBroker(scene.built, { offers: 4 * live, sshPort }, async (broker) => {
      const few = Math.min(10, live);
      const alone = await createSessions(broker, { from: 0, count: few, creators: 1 });
      const runs = [...(await secondsToRunning(broker, few))];
      const callsOfFew = await callsPerMinute(broker);
      scene.say(`making ${live} sessions`);
      await createSessions(broker, { from: few, count: live - few, creators: CREATORS });
      runs.push(...(await secondsToRunning(broker, live)));
      scene.say('a quiet half minute');
      const quiet = await quietTime(broker);
      const callsOfMany = await callsPerMinute(broker);
      return [
        atMost('post_sessions', '`POST /sessions`, median', { tries: alone, bar: 15, unit: 'ms' }),
        atMost('running_median', 'SSH answers → `running`, median', {
          tries: runs,
          bar: 2,
          unit: 's',
        }),
        {
          ...atMost('running_p95', 'SSH answers → `running`, p95', {
            tries: runs,
            bar: 5,
            unit: 's',
          }),
          value: quantile(runs, 0.95),
        },
        single('live_memory', `resident memory with ${live} live sessions`, {
          value: quiet.residentBytes / 2 ** 20,
          bar: 256,
          unit: 'MB',
        }),
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

/** Milliseconds that each took. The marketplace answers at once, so that all of it is the broker's. */
async function createSessions(
  { port }: Contestant,
  {
    from,
    count,
    creators,
  }: { readonly from: number; readonly count: number; readonly creators: number },
): Promise<readonly number[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/offers?limit=1000&sort=-reliability`);
  const pages = [await answer.json()];
  for (let offset = 1_000; offset < 2 * (from + count); offset += 1_000) {
    const more = await fetch(
      `http://127.0.0.1:${port}/offers?limit=1000&sort=-reliability&offset=${offset}`,
    );
    pages.push(await more.json());
  }
  const ids = pages.flatMap((page) => Value.Parse(OfferIds, page).offers.map(({ id }) => id));
  const tookMs: number[] = [];
  let next = from === 0 ? 0 : 2 * from;
  let left = count;
  const creator = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const offerId = ids[next];
      next += 1;
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
      if (made.status === 201) Value.Parse(Created, body);
      else left += 1;
      if (next >= ids.length) throw new Error(`ran out of offers: ${JSON.stringify(body)}`);
      tookMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: creators }, creator));
  return tookMs;
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

interface Tries {
  readonly tries: readonly number[];
  readonly bar: number;
  readonly unit: string;
}

function atMost(id: string, what: string, { tries, bar, unit }: Tries): Row {
  return {
    id,
    what,
    value: median(tries),
    unit,
    bar,
    sense: 'at most',
    lowest: Math.min(...tries),
    highest: Math.max(...tries),
    details: { tries: tries.length },
  };
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
