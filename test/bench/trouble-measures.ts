import { single } from './live-measures.ts';
import { Proven, Usage } from './messages.ts';
import { type Contestant, get, LOAD_CORE, shoot } from './pairs.ts';
import type { Row } from './rows.ts';
import { type Scene, withBroker, withSshHosts } from './scene.ts';
import { median } from './statistics.ts';

const OFFERS = 10_000;
/** A few callers, so that what is measured is how long an answer takes and not how long the queue is. */
const CALLERS = 4;
const TARGETS = ['/offers?limit=50', '/health'] as const;
const PROOFS = 200;
const PROOFS_AT_ONCE = 32;

interface Delays {
  readonly p99Ms: number;
  readonly stallMs: number;
  readonly ownStallMs: number;
}

/**
 * Whether what goes on in the background is felt: the slowest hundredth of the answers while 10,000 offers are read anew
 * every second, one marketplace hangs and 200 logins are proven, beside the same with nothing going on.
 */
export async function measureTrouble(scene: Scene): Promise<readonly Row[]> {
  const atRest = await withBroker(scene.built, { offers: OFFERS }, (broker) =>
    delaysOf(scene, broker, async () => {}),
  );
  const busy = await withSshHosts(scene.built, LOAD_CORE, (port) =>
    withBroker(scene.built, { offers: OFFERS, refresh: '1s', hasHanging: true }, (broker) =>
      delaysOf(scene, broker, async () => {
        const order = { kind: 'prove', port, count: PROOFS, atOnce: PROOFS_AT_ONCE };
        const { proven } = await broker.process.ask(order, Proven);
        if (proven < PROOFS) throw new Error(`only ${proven} logins were proven`);
      }),
    ),
  );
  const times = busy.p99Ms / atRest.p99Ms;
  return [
    {
      ...single(
        'p99_trouble',
        'p99 under refreshes, a hanging provider and 200 logins, to p99 at rest',
        {
          value: times,
          bar: 2,
          unit: '×',
        },
      ),
      details: { restMs: atRest.p99Ms, busyMs: busy.p99Ms },
    },
    {
      ...single('stall', 'longest stall of the event loop meanwhile that is ours', {
        value: busy.ownStallMs,
        bar: 20,
        unit: 'ms',
      }),
      // With the turns that other programs had on the processor.
      details: { stallMs: busy.stallMs },
    },
  ];
}

/** `meanwhile` is begun before each round; what it asks the process is answered when it is through. */
async function delaysOf(
  scene: Scene,
  broker: Contestant,
  meanwhile: () => Promise<void>,
): Promise<Delays> {
  const shot = { requests: TARGETS.map((path) => get(path)), connections: CALLERS };
  await shoot(scene.load, broker.port, { ...shot, durationMs: 2_000 });
  await broker.process.ask({ kind: 'usage' }, Usage);
  const p99s: number[] = [];
  for (let round = 0; round < scene.pairs; round += 1) {
    scene.say(`p99, round ${round + 1}`);
    const work = meanwhile();
    p99s.push((await shoot(scene.load, broker.port, { ...shot, durationMs: 3_000 })).p99Ms);
    await work;
  }
  const { stallMs, ownStallMs } = await broker.process.ask({ kind: 'usage' }, Usage);
  return { p99Ms: median(p99s), stallMs, ownStallMs };
}
