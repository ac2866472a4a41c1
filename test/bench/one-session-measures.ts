import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { createSession, offerIds } from './live-measures.ts';
import { type Contestant, LOAD_CORE } from './pairs.ts';
import type { Row } from './rows.ts';
import { type LateHosts, type Scene, withBroker, withLateHosts } from './scene.ts';
import { median, quantile } from './statistics.ts';

/** Sessions one after another, as people make them. */
const SESSIONS = 20;
const PAUSE_MS = 1_000;
const LOOK_MS = 50;
const RUNNING_WITHIN_MS = 60_000;
/** How long after the first try each machine lets somebody in: no two of them at the same beat. */
const DELAYS_MS = Array.from({ length: SESSIONS }, (_, number) => 2_000 + number * 617);

const Shown = Type.Object({
  status: Type.String(),
  ssh_port: Type.Optional(Type.Integer()),
});

interface Life {
  readonly tookMs: number;
  readonly port: number;
  /** When it was first seen to run. */
  readonly runningAt: number;
}

/** How long one session takes to be made, and to run once its machine lets somebody in. */
export function measureOneSession(scene: Scene): Promise<readonly Row[]> {
  scene.say('sessions one by one');
  const hosts = { core: LOAD_CORE, delaysMs: DELAYS_MS };
  return withLateHosts(scene.built, hosts, (late) =>
    withBroker(scene.built, { offers: 1_000, sshPorts: late.ports }, async (broker) =>
      rowsOf(await lives(broker), late),
    ),
  );
}

async function lives(broker: Contestant): Promise<readonly Life[]> {
  const ids = await offerIds(broker, 1_000);
  const begun: Promise<Life>[] = [];
  for (let next = 0; begun.length < SESSIONS; next += 2) {
    const { id, tookMs } = await createSession(broker, ids[next]);
    if (id !== undefined) begun.push(watch(broker, id).then((seen) => ({ ...seen, tookMs })));
    await sleep(PAUSE_MS);
  }
  return Promise.all(begun);
}

async function watch({ port }: Contestant, id: string) {
  const deadline = Date.now() + RUNNING_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/sessions/${id}`);
    const { status, ssh_port: sshPort = 0 } = Value.Parse(Shown, await answer.json());
    if (status === 'running') return { port: sshPort, runningAt: Date.now() };
    if (Date.now() > deadline) throw new Error(`${id} is ${status} after a minute`);
    await sleep(LOOK_MS);
  }
}

async function rowsOf(seen: readonly Life[], late: LateHosts): Promise<readonly Row[]> {
  const openings = await late.openings();
  const waits = seen.map(({ port, runningAt }) => (runningAt - (openings.get(port) ?? 0)) / 1_000);
  const posts = seen.map(({ tookMs }) => tookMs);
  const post = { values: posts, value: median(posts), bar: 15, unit: 'ms' };
  const half = { values: waits, value: median(waits), bar: 2, unit: 's' };
  const most = { values: waits, value: quantile(waits, 0.95), bar: 5, unit: 's' };
  return [
    row('post_sessions', '`POST /sessions`, median', post),
    row('running_median', 'SSH answers → `running`, median', half),
    row('running_p95', 'SSH answers → `running`, p95', most),
  ];
}

interface Measured extends Pick<Row, 'value' | 'bar' | 'unit'> {
  readonly values: readonly number[];
}

function row(id: string, what: string, { values, ...measured }: Measured): Row {
  return {
    id,
    what,
    ...measured,
    sense: 'at most',
    lowest: Math.min(...values),
    highest: Math.max(...values),
    details: { tries: values.length },
  };
}
