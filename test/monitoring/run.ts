import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setup as build } from '../e2e/build.ts';
import { openStage, SOON, type Stage, type StagedBroker } from '../e2e/stage.ts';
import { type AlertChange, type AlertWatch, watchAlerts } from './alert-watch.ts';
import { customersCome } from './customers.ts';
import { writePicture } from './dashboard-picture.ts';
import { FAULTS, type Fault, type Scene } from './faults.ts';
import { atPace, type Pace } from './pace.ts';
import { freePort, type Prometheus, startPrometheus } from './prometheus.ts';
import { type FaultSpan, problemsOf, verdictOf } from './verdict.ts';

/**
 * `npm run monitoring`: a real Prometheus scrapes a busy broker for ten minutes, with faults that come and go. Prints when
 * alerts fire and fall silent; fails when one does not, or fires without a cause. `-- --picture FILE` draws the dashboard of
 * these ten minutes. The clocks of broker and simulator run ten times as fast as Prometheus's, and so do the spans of the rules:
 * it is a hundred minutes of theirs.
 */
const SPEED = 10;
const MINUTES = 10;
/** What is not silent by then does not fall silent. */
const MINUTES_OF_GRACE = 4;
/** Prometheus's usual quarter of a minute. */
const SCRAPE_EVERY_MS = 15_000 / SPEED;
/** How long a fault may last, in the broker's minutes, until all its alerts fire. */
const LONGEST_FAULT_MIN = 30;
const PICTURE_FLAG = '--picture';

const picture = process.argv.includes(PICTURE_FLAG)
  ? process.argv[process.argv.indexOf(PICTURE_FLAG) + 1]
  : undefined;
let expected: readonly string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'gpu-broker-monitoring-'));
build();
const stage = await openStage({ ...SOON, bootScale: 0.5, speed: SPEED, badShare: 0.3 });
const startedMs = Date.now();
// Where the two clocks agreed: when the stage was opened.
const pace: Pace = { speed: SPEED, originMs: (SPEED * startedMs - stage.now()) / (SPEED - 1) };
try {
  const brokerPort = await freePort();
  const rules = atPace(readFileSync('deploy/prometheus/rules.yml', 'utf8'), pace);
  const scene = await openScene(stage, brokerPort);
  const prometheus = await startPrometheus({
    folder,
    brokerPort,
    rules,
    everyMs: SCRAPE_EVERY_MS,
  });
  try {
    await tenMinutes(scene, prometheus);
  } finally {
    await prometheus.close();
  }
} finally {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
}

async function tenMinutes(scene: Scene, prometheus: Prometheus): Promise<void> {
  const closing = new AbortController();
  const customers = customersCome({
    broker: scene.broker,
    speed: SPEED,
    closing: closing.signal,
  });
  const watch = watchAlerts(prometheus, tell);
  say('the broker is busy, and all is well');
  const spans: FaultSpan[] = [];
  for (const fault of FAULTS) spans.push(await befall(scene, { fault, watch }));
  await untilMinute(MINUTES * SPEED);
  await untilSilent(watch);
  closing.abort();
  await Promise.all([customers, watch.stop()]);
  if (picture !== undefined) {
    const span = { fromMs: startedMs, toMs: startedMs + MINUTES * 60_000, stepMs: 4_000 };
    await writePicture(picture, { prometheus, pace, span });
    say(`the dashboard is drawn in ${picture}`);
  }
  tellVerdict(spans, watch);
}

async function befall(
  scene: Scene,
  { fault, watch }: { readonly fault: Fault; readonly watch: AlertWatch },
): Promise<FaultSpan> {
  await untilMinute(fault.atMin);
  say(`ON: ${fault.name}`);
  expected = fault.alerts;
  const onMs = Date.now();
  await fault.on(scene);
  const last = minuteNow() + LONGEST_FAULT_MIN;
  const haveFired = (): boolean =>
    fault.alerts.every((wanted) =>
      watch.changes.some(
        ({ alert, state, atMs }) => alert === wanted && state === 'firing' && atMs >= onMs,
      ),
    );
  while (!haveFired() && minuteNow() < last) await sleep(200);
  await fault.off(scene);
  say(`OFF: ${fault.name}`);
  return { fault, onMs, offMs: Date.now() };
}

function tellVerdict(spans: readonly FaultSpan[], { changes }: AlertWatch): void {
  process.stdout.write(`\n${verdictOf(spans, { changes, speed: SPEED })}\n`);
  const problems = problemsOf(spans, changes);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

async function openScene(on: Stage, port: number): Promise<Scene> {
  const start = (): Promise<StagedBroker> =>
    on.startBroker({
      deploymentId: 'watched1',
      tensordock: 'both',
      crashAt: '',
      settings: { PORT: String(port) },
    });
  let broker = await start();
  return {
    stage: on,
    broker: () => broker,
    killBroker: async () => void (await broker.running.kill('SIGKILL')),
    startBroker: async () => {
      broker = await start();
    },
  };
}

/** What is pending is told of those alone that the fault is to raise: some are so for moments in the best of times. */
function tell({ alert, state, before }: AlertChange): void {
  const isTold =
    state === 'pending' ? expected.includes(alert) : [state, before].includes('firing');
  if (isTold) say(`    ${alert} ${state}`);
}

/** Of the broker's clock, since the start. */
function minuteNow(): number {
  return ((Date.now() - startedMs) * SPEED) / 60_000;
}

async function untilMinute(minute: number): Promise<void> {
  while (minuteNow() < minute) await sleep(200);
}

async function untilSilent(watch: AlertWatch): Promise<void> {
  while (watch.firing().length > 0 && minuteNow() < (MINUTES + MINUTES_OF_GRACE) * SPEED)
    await sleep(200);
}

/** The machine's minutes and seconds, the broker's hours and minutes, and what happens. */
function say(what: string): void {
  const realS = Math.floor((Date.now() - startedMs) / 1_000);
  const theirs = Math.floor(minuteNow());
  process.stdout.write(
    `${two(realS / 60)}:${two(realS % 60)}  ${two(theirs / 60)}h${two(theirs % 60)}  ${what}\n`,
  );
}

function two(count: number): string {
  return String(Math.floor(count)).padStart(2, '0');
}
