import assert from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { TAG } from '../launch-order.ts';
import { had } from '../port-calls.ts';
import { type SimulatedStage, simulatedStage, type Wishes } from '../simulated-stage.ts';
import type { ConformanceSubject } from '../subject.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Machines that are stopped with their disks kept, and started again, at the simulated marketplace. */
export const SIMULATED_POWER: readonly ConformanceCase[] = [
  preserved(
    'stop: the machine stops, keeps its tag and its disk, and gives its GPUs back',
    async ({ stage, id }) => {
      const free = stage.market.freeGpus(stage.truth(id).host.id);
      await stop(stage, id);
      assert.equal((await stage.done(stage.provider.get(id)))?.tag, TAG);
      assert.equal(stage.truth(id).state, 'stopped');
      demand(stage.market.freeGpus(stage.truth(id).host.id) > free, 'the GPUs were not given back');
    },
  ),
  preserved('stop: what is billed from then on is the disk alone', async ({ stage, id }) => {
    await stop(stage, id);
    const { gpu, cpu, ram, disk } = stage.market.rate(id);
    assert.deepEqual([gpu + cpu + ram, disk > 0], [0, true]);
  }),
  powered('stop: a stopped machine is listed and does not look gone', async ({ stage, id }) => {
    await stop(stage, id);
    await stage.clock.advance(12 * HOUR_MS);
    const listed = await stage.done(stage.provider.list());
    assert.deepEqual(
      listed.map((one) => [one.id, one.tag, one.phase]),
      [[id, TAG, 'stopped']],
    );
  }),
  powered('stop: a stopped machine promises no login', async ({ stage, id }) => {
    await stop(stage, id);
    assert.equal((await stage.done(stage.provider.get(id)))?.openPorts, undefined);
  }),
  powered(
    'stop: asked again on the way it harms nothing, and once it is there it is content',
    async ({ stage, id }) => {
      await stage.done(had(stage.provider.power).stop(id));
      for (let asked = 0; asked < 3; asked += 1)
        await stage.settled(had(stage.provider.power).stop(id));
      await stage.seen(id, ({ phase }) => phase === 'stopped');
      for (let asked = 0; asked < 3; asked += 1)
        await stage.done(had(stage.provider.power).stop(id));
      await stage.seen(id, ({ phase }) => phase === 'stopped');
    },
  ),
  powered(
    'stop: through an answer that is lost it is unknown, and asking again is the way out',
    async ({ stage, id }) => {
      stage.trouble({ resetAfter: 1 });
      const failure = await stage.failed(had(stage.provider.power).stop(id));
      assert.equal(failure.outcome, 'unknown');
      stage.trouble({});
      await stage.seen(id, ({ phase }) => phase === 'stopped');
      await stop(stage, id);
    },
  ),
  powered(
    'stop: of a machine that is gone it is a failure, told as not found',
    async ({ stage, id }) => {
      stage.market.vanish(id);
      const failure = await stage.failed(had(stage.provider.power).stop(id));
      assert.equal(failure.kind, 'not_found');
    },
  ),
  powered('start: the machine runs again, and lets in as before', async ({ stage, id }) => {
    await stop(stage, id);
    await stage.done(had(stage.provider.power).start(id));
    const seen = await stage.seen(id, (one) => one.phase === 'running');
    assert.equal(seen.tag, TAG);
    assert.equal(stage.truth(id).state, 'running');
    demand(seen.address, 'it has no address');
  }),
  powered(
    'start: asked again, of a machine that runs or is about to, it is content',
    async ({ stage, id }) => {
      await stop(stage, id);
      for (let asked = 0; asked < 3; asked += 1)
        await stage.done(had(stage.provider.power).start(id));
      await stage.seen(id, ({ phase }) => phase === 'running');
      await stage.done(had(stage.provider.power).start(id));
      await stage.seen(id, ({ phase }) => phase === 'running');
    },
  ),
  powered(
    'start: of a machine that is gone it is a failure, told as not found',
    async ({ stage, id }) => {
      stage.market.vanish(id);
      const failure = await stage.failed(had(stage.provider.power).start(id));
      assert.equal(failure.kind, 'not_found');
    },
  ),
  powered('start: through an answer that is lost it is unknown', async ({ stage, id }) => {
    await stop(stage, id);
    stage.trouble({ resetAfter: 1 });
    const failure = await stage.failed(had(stage.provider.power).start(id));
    assert.equal(failure.outcome, 'unknown');
  }),
  preserved(
    'start: with the GPUs taken it is no capacity, not done, and nothing starts later by itself',
    async ({ stage, id }) => {
      const rivals = await stopAndLoseGpus(stage, id);
      const failure = await stage.failed(had(stage.provider.power).start(id));
      assert.deepEqual([failure.kind, failure.outcome], ['no_capacity', 'not_done']);
      for (const rival of rivals) await stage.done(stage.provider.terminate(rival));
      await stage.clock.advance(HOUR_MS);
      assert.equal(stage.truth(id).state, 'stopped');
      assert.notEqual((await stage.done(stage.provider.get(id)))?.isStartPending, true);
    },
  ),
  preserved('start: with the GPUs free again it runs', async ({ stage, id }) => {
    const rivals = await stopAndLoseGpus(stage, id);
    await stage.failed(had(stage.provider.power).start(id));
    for (const rival of rivals) await stage.done(stage.provider.terminate(rival));
    await stage.clock.advance(5 * MINUTE_MS);
    await stage.done(had(stage.provider.power).start(id));
    await stage.seen(id, ({ phase }) => phase === 'running');
  }),
  preserved(
    'stop: a start that waits for GPUs is withdrawn',
    async ({ stage, id }) => {
      const rivals = await stopAndLoseGpus(stage, id);
      stage.market.start(id);
      await stage.done(had(stage.provider.power).stop(id));
      for (const rival of rivals) await stage.done(stage.provider.terminate(rival));
      await stage.clock.advance(HOUR_MS);
      assert.equal(stage.truth(id).state, 'stopped');
    },
    { v0StartWithoutGpusAs: 'queued' },
  ),
  powered('terminate: a stopped machine ends', async ({ stage, id }) => {
    await stop(stage, id);
    await stage.done(stage.provider.terminate(id));
    await stage.gone(id);
  }),
  powered('terminate: a machine that is being stopped or started ends', async ({ stage, id }) => {
    await stage.done(had(stage.provider.power).stop(id));
    await stage.done(stage.provider.terminate(id));
    await stage.gone(id);
  }),
  {
    name: 'stop: offers say that disks are kept where a stop gives the GPUs back, and nowhere else',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const { provider } = stage;
      const offers = await stage.done(provider.offers());
      const isPromised = offers.some(({ preservable }) => preservable === true);
      assert.equal(isPromised, !('kept disks' in subject.lacks));
      demand(!isPromised || provider.power, 'what is promised cannot be asked for');
    },
  },
];

interface Running {
  readonly stage: SimulatedStage;
  readonly id: string;
}

/** With a machine that runs, on a host whose GPUs are all its own. */
function powered(
  name: string,
  show: (running: Running) => Promise<void>,
  quirks: Wishes['quirks'] = {},
): ConformanceCase {
  const wishes: Wishes = { hosts: [{ gpuCount: 1 }], quirks };
  return {
    name,
    needs: 'power',
    run: async (subject: ConformanceSubject) => {
      const stage = simulatedStage(subject, wishes);
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      await show({ stage, id });
    },
  };
}

/** The same where stopped machines give their GPUs back. */
function preserved(...powerCase: Parameters<typeof powered>): ConformanceCase {
  return { ...powered(...powerCase), needs: 'kept disks' };
}

async function stop(stage: SimulatedStage, id: string): Promise<void> {
  await stage.done(had(stage.provider.power).stop(id));
  await stage.seen(id, ({ phase }) => phase === 'stopped');
}

/** Rents whatever the stopped machine gave back. */
async function stopAndLoseGpus(stage: SimulatedStage, id: string): Promise<readonly string[]> {
  await stop(stage, id);
  const rival = await stage.rent({ tag: `${TAG}2` });
  assert.equal(stage.market.freeGpus(stage.truth(id).host.id), 0);
  return [rival];
}
