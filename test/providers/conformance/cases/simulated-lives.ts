import assert from 'node:assert/strict';
import { endpointOf } from '../../../../src/domain/instance.ts';
import type { LaunchOrder } from '../../../../src/ports/provider.ts';
import type { SimInstance } from '../../../../src/simulator/model.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { orderFor, PUBLIC_KEY, TAG } from '../launch-order.ts';
import { ROOMY, simulatedStage } from '../simulated-stage.ts';
import type { ConformanceSubject } from '../subject.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SERVER: LaunchOrder['workload'] = {
  kind: 'entrypoint',
  image: 'vllm/vllm-openai:v0.10.2',
  model: { server: 'vllm', modelId: 'org/model' },
  ports: [8000, 9000],
};

/** What becomes of a rental, from the launch to its end, at the simulated marketplace. */
export const SIMULATED_LIVES: readonly ConformanceCase[] = [
  {
    name: 'launch: the receipt names the machine that carries the tag, and no other was made',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      assert.deepEqual(
        stage.living(TAG).map((machine) => machine.id),
        [id],
      );
    },
  },
  ...[
    ['of the least length', 'gpub-abcd-0000000000000000-1'],
    ['of the greatest length', 'gpub-abcdefghijkl-zzzzzzzzzzzzzzzz-999'],
    ['of sixty characters', `gpub-${'x'.repeat(55)}`],
    ['that begins as another does', `${TAG}0`],
  ].map(([says = '', tag = '']) => ({
    name: `launch: a tag ${says} comes back to the letter, in the list and alone`,
    run: async (subject: ConformanceSubject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent({ tag });
      assert.equal(stage.truth(id).label, tag);
      assert.equal((await stage.done(stage.provider.get(id)))?.tag, tag);
      const listed = await stage.done(stage.provider.list());
      assert.deepEqual(
        listed.map((one) => [one.id, one.tag]),
        [[id, tag]],
      );
    },
  })),
  {
    name: 'launch: the disk, the cards and the size are those that were asked for',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const offers = await stage.done(stage.provider.offers());
      const offer = offers.find(({ gpuCount }) => gpuCount > 1) ?? offers[0];
      demand(offer, 'nothing is on offer');
      const id = await stage.rent({ offer, diskGb: 137 });
      const { diskGb, gpuCount, host } = stage.truth(id);
      assert.deepEqual([diskGb, gpuCount], [137, offer.gpuCount]);
      demand(
        stage.market.hosts(subject.simulator.market).includes(host),
        "the machine is none of the market's",
      );
    },
  },
  {
    name: 'launch: a machine that runs lets the session in where it is said to, with the key of the order',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      const { address } = await stage.seen(id, (seen) => seen.address !== undefined);
      demand(address, 'it has no address');
      await stage.clock.advance(5 * MINUTE_MS);
      const answer = stage.market.knock({ ...address, publicKey: PUBLIC_KEY });
      assert.equal(answer.kind, 'open');
    },
  },
  {
    name: 'launch: nobody else is let in',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      assert.deepEqual(
        stage.market.keys(id).map((key) => key.split(' ').slice(0, 2).join(' ')),
        [PUBLIC_KEY.split(' ').slice(0, 2).join(' ')],
      );
    },
  },
  {
    name: 'launch: a start command is run at each start of the machine',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const onStart = 'echo \'é: "1"\' && true # \\n $HOME';
      const id = await stage.rent({ workload: { kind: 'ssh', onStart } });
      demand(stage.truth(id).onStart?.includes(onStart), 'the start command is not run');
    },
  },
  {
    name: "launch: a server's ports lead to it, and each to its own",
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent({ workload: SERVER });
      await stage.clock.advance(HOUR_MS);
      const seen = await stage.seen(id, (one) => endpointOf(one, 8000) !== undefined);
      const [first, second] = [endpointOf(seen, 8000), endpointOf(seen, 9000)];
      demand(first && second, 'a port is not shown');
      assert.notDeepEqual(first, second);
      const reply = stage.market.visit({ ...first, path: '/health' });
      assert.deepEqual([reply.kind, reply.kind === 'answers' && reply.status], ['answers', 200]);
    },
  },
  {
    name: 'launch: no credential of ours goes to the machine',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      await stage.rent({ workload: SERVER });
      const machines = JSON.stringify(stage.market.instances().map((one) => ({ ...one, host: 0 })));
      for (const secret of subject.secrets)
        demand(!machines.includes(secret), 'a credential went to a machine');
    },
  },
  {
    name: 'launch: two at once of one offer rent two machines under their own tags, or one and a refusal',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const offer = await stage.offer();
      const tags = [`${TAG}1`, `${TAG}2`];
      const ends = await stage.done(
        Promise.allSettled(tags.map((tag) => stage.provider.launch(orderFor(offer, { tag })))),
      );
      for (const [index, end] of ends.entries()) {
        const tag = tags[index] ?? '';
        assert.equal(stage.living(tag).length, end.status === 'fulfilled' ? 1 : 0);
      }
    },
  },
  {
    name: 'get: a machine that boots is starting, without a promise of a login',
    run: async (subject) => {
      const stage = simulatedStage(subject, { market: { bootScale: 10 } });
      const id = await stage.rent();
      assert.equal((await stage.done(stage.provider.get(id)))?.phase, 'starting');
    },
  },
  {
    name: 'get: it is told when the machine was made, or nothing is',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.clock.advance(HOUR_MS);
      const seen = await stage.done(stage.provider.get(id));
      const off = (seen?.createdAt ?? stage.truth(id).createdAt) - stage.truth(id).createdAt;
      demand(Math.abs(off) <= 1_000, `${off} ms off`);
    },
  },
  {
    name: 'get: since when it runs is told to the minute, or nothing is',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.clock.advance(HOUR_MS);
      const since = (await stage.done(stage.provider.get(id)))?.runningSince;
      const off = (since ?? 0) - (stage.truth(id).runningSince ?? 0);
      demand(since === undefined || Math.abs(off) <= MINUTE_MS, `${off} ms off`);
    },
  },
  {
    name: 'get: a machine that breaks is not running',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: [{ nature: 'breaks' }] });
      const id = await stage.rent();
      await stage.clock.advance(10 * MINUTE_MS);
      const seen = await stage.done(stage.provider.get(id));
      demand(seen && seen.phase !== 'running', 'it is shown as sound');
    },
  },
  {
    name: 'get: a machine that never boots is starting for as long as that lasts',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: [{ nature: 'never_boots' }] });
      const id = await stage.rent();
      await stage.clock.advance(2 * HOUR_MS);
      assert.equal((await stage.done(stage.provider.get(id)))?.phase, 'starting');
    },
  },
  {
    name: 'get: a machine that the market took away does not exist',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      stage.market.vanish(id);
      assert.equal(await stage.done(stage.provider.get(id)), undefined);
    },
  },
  {
    name: 'get: a machine that the market stopped exists',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      stage.market.stopByMarket(id);
      await stage.seen(id, ({ phase }) => phase === 'stopped');
    },
  },
  {
    name: 'get: a machine that nobody ever rented does not exist',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      assert.equal(await stage.done(stage.provider.get(subject.instanceId)), undefined);
    },
  },
  {
    name: "get: a neighbour's machine exists, under its own name",
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY, market: { foreign: 3 } });
      const [neighbour] = neighboursOf(subject, stage.market.instances());
      demand(neighbour, 'there are no neighbours');
      const seen = await stage.done(stage.provider.get(neighbour.id));
      demand(seen, 'it is not seen');
      assert.equal(seen.tag ?? '', neighbour.label ?? '');
    },
  },
  {
    name: 'terminate: the machine ends, and with it what it costs',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      await stage.done(stage.provider.terminate(id));
      await stage.gone(id);
      assert.equal(stage.truth(id).endedBy, 'renter');
      assert.deepEqual(await stage.done(stage.provider.list()), []);
      const before = stage.market.bill(id);
      await stage.clock.advance(HOUR_MS);
      assert.deepEqual(stage.market.bill(id), before);
    },
  },
  {
    name: 'terminate: a machine that has just been asked for ends as well',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.done(stage.provider.terminate(id));
      await stage.gone(id);
    },
  },
  {
    name: 'terminate: asked again, at once and for ever after, it is content',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      for (let asked = 0; asked < 3; asked += 1) await stage.done(stage.provider.terminate(id));
      await stage.gone(id);
      for (let asked = 0; asked < 3; asked += 1) await stage.done(stage.provider.terminate(id));
    },
  },
  {
    name: 'terminate: of a machine that nobody ever rented it is content',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      await stage.done(stage.provider.terminate(subject.instanceId));
    },
  },
  {
    name: 'terminate: of a machine that the market took away it is content',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      stage.market.vanish(id);
      await stage.done(stage.provider.terminate(id));
    },
  },
  {
    name: 'terminate: one machine ends and no other',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY, market: { foreign: 5 } });
      const first = await stage.rent();
      const second = await stage.rent({ tag: `${TAG}2` });
      await stage.done(stage.provider.terminate(first));
      await stage.gone(first);
      const left = await stage.done(stage.provider.list());
      demand(
        left.some(({ id }) => id === second),
        'the other one ended too',
      );
      const neighbours = neighboursOf(subject, stage.market.instances());
      demand(neighbours.length > 0, 'there are no neighbours');
      demand(
        neighbours.every(({ goneAt }) => goneAt === null),
        "a neighbour's machine ended",
      );
    },
  },
  ...['', '.', '..', '../instances', '%2e%2e', '0', '-1', 'a/b', 'a?b=c', '\u0000', 'ä'].map(
    (hostile) => ({
      name: `terminate: ${JSON.stringify(hostile)} for an id ends nothing`,
      run: async (subject: ConformanceSubject) => {
        const stage = simulatedStage(subject, { hosts: ROOMY, market: { foreign: 2 } });
        await stage.rent();
        await stage.settled(stage.provider.terminate(hostile));
        await stage.clock.advance(MINUTE_MS);
        const isUntouched = stage.market
          .instances()
          .every(({ goneAt, deletingUntil }) => goneAt === null && deletingUntil === null);
        demand(isUntouched, 'something ended');
      },
    }),
  ),
  {
    name: 'grant access: asked again, the key is in there once',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.done(stage.provider.grantAccess(id, PUBLIC_KEY));
      await stage.seen(id, ({ phase }) => phase === 'running');
      assert.equal(stage.market.keys(id).length, 1);
    },
  },
  {
    name: 'grant access: to a machine that is gone is a failure',
    needs: 'access call',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      stage.market.vanish(id);
      const failure = await stage.failed(stage.provider.grantAccess(id, PUBLIC_KEY));
      assert.equal(failure.kind, 'not_found');
    },
  },
];

function neighboursOf(
  { simulator }: ConformanceSubject,
  instances: readonly SimInstance[],
): readonly SimInstance[] {
  return instances.filter(
    ({ market, label }) => market === simulator.market && !label?.startsWith(TAG),
  );
}
