import { DAY_MS } from '../../src/domain/time.ts';
import { ratioRow } from './menu-measures.ts';
import { comparePairs, get, type PairResult } from './pairs.ts';
import type { Point, Row } from './rows.ts';
import { newDatabasePath, type Scene, withBroker } from './scene.ts';
import { measureStart, type StartRound } from './start-measure.ts';
import { median } from './statistics.ts';
import { CONSUMERS, storedId, storeSessions } from './stored-sessions.ts';

const MONTH_MS = 30 * DAY_MS;
const FEW_LINES = 8;
const MANY_LINES = 12;
const STARTS = 5;

/** Single sessions and pages of one consumer's, with 10,000 stored. */
export async function measureSessions(scene: Scene, stored: number): Promise<readonly Row[]> {
  const answers = await readStored(scene, { stored, linesEach: FEW_LINES });
  return [
    ratioRow({ id: 'session_one', what: '`GET /sessions/{id}`', bar: 0.25 }, answers.one),
    ratioRow({ id: 'session_page', what: '`GET /sessions?consumer_id=`', bar: 0.1 }, answers.page),
  ];
}

/** The costs of a month and the start, with 100,000 sessions and more than a million ledger lines stored. */
export async function measureLedger(scene: Scene, stored: number): Promise<readonly Row[]> {
  const database = await filled(scene, { stored, linesEach: MANY_LINES });
  const { costs, one } = await readStored(scene, { stored, linesEach: MANY_LINES, database });
  const rounds: StartRound[] = [];
  for (let times = 0; times < STARTS; times += 1) {
    scene.say('start');
    rounds.push(await measureStart(scene.built, database));
  }
  return [costRow(costs, one), startRow(rounds)];
}

function costRow(costs: PairResult, one: PairResult): Row {
  const times = costs.brokerMicros / one.brokerMicros;
  return {
    id: 'costs_month',
    what: '`/costs` of a month, in `GET /sessions/{id}`',
    value: times,
    unit: '×',
    bar: 10,
    sense: 'at most',
    lowest: times,
    highest: times,
    details: { costsMicros: costs.brokerMicros, sessionMicros: one.brokerMicros },
  };
}

function startRow(rounds: readonly StartRound[]): Row {
  const ratios = rounds.map(({ brokerMs, emptyMs }) => brokerMs / emptyMs);
  return {
    id: 'start',
    what: 'start to the first `/health`, in starts of an empty program',
    value: median(ratios),
    unit: '×',
    bar: 1.5,
    sense: 'at most',
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    details: {
      brokerMs: median(rounds.map(({ brokerMs }) => brokerMs)),
      emptyMs: median(rounds.map(({ emptyMs }) => emptyMs)),
    },
  };
}

/** Time of one answer over the number of stored sessions. */
export async function measureSessionGrowth(
  scene: Scene,
  sizes: readonly number[],
): Promise<readonly Point[]> {
  const points: Point[] = [];
  for (const stored of sizes) {
    const { one, page, costs } = await readStored(scene, { stored, linesEach: FEW_LINES });
    points.push(
      { series: 'GET /sessions/{id}', size: stored, micros: one.brokerMicros },
      { series: 'GET /sessions?consumer_id=', size: stored, micros: page.brokerMicros },
      { series: 'GET /costs of a month', size: stored, micros: costs.brokerMicros },
    );
  }
  return points;
}

interface Stored {
  readonly stored: number;
  readonly linesEach: number;
  readonly database?: string;
}

async function filled(scene: Scene, { stored, linesEach }: Stored): Promise<string> {
  scene.say(`storing ${stored} sessions`);
  const path = newDatabasePath();
  await storeSessions({ path, count: stored, linesEach, spanMs: MONTH_MS, now: Date.now() });
  return path;
}

async function readStored(scene: Scene, wanted: Stored) {
  const { stored } = wanted;
  const database = wanted.database ?? (await filled(scene, wanted));
  return withBroker(scene.built, { offers: 100, database }, async (broker) => {
    const measure = (what: string, requests: readonly string[]): Promise<PairResult> => {
      scene.say(`${what}, ${stored} sessions`);
      return comparePairs(scene, { ...scene, broker, requests });
    };
    // As many as callers may be looking at; they are drawn from all that are stored.
    const looked = Math.min(stored, 10_000);
    const ids = Array.from({ length: looked }, (_, turn) => storedId((turn * 7_919) % stored));
    const consumers = Array.from({ length: Math.min(CONSUMERS, stored) }, (_, turn) => turn);
    return {
      one: await measure(
        'one session',
        ids.map((id) => get(`/sessions/${id}`)),
      ),
      page: await measure(
        'page of sessions',
        consumers.map((turn) => get(`/sessions?consumer_id=consumer-${turn}&limit=50`)),
      ),
      costs: await measure('costs', [get(monthPath(Date.now()))]),
    };
  });
}

/** The last thirty days, whatever day of the month it is. */
function monthPath(now: number): string {
  const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
  return `/costs?start_date=${day(now - MONTH_MS)}&end_date=${day(now)}`;
}
