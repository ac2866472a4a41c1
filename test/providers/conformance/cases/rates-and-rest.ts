import assert from 'node:assert/strict';
import { createChance } from '../../../../src/simulator/chance.ts';
import { drawQuirks } from '../../../../src/simulator/default-options.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { orderFor, PUBLIC_KEY, recordedTarget, TAG } from '../launch-order.ts';
import { had } from '../port-calls.ts';
import { wireThatAlways } from '../scripted-wire.ts';
import { ROOMY, simulatedStage } from '../simulated-stage.ts';
import { stageFor } from '../stage.ts';
import type { ConformanceSubject } from '../subject.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The provider's limits, what the port says of itself, and lives under each way in which documents disagree. */
export const RATES_AND_REST: readonly ConformanceCase[] = [
  {
    name: 'rates: calls that come all at once keep within the limits that the provider enforces',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY, rateLimits: true });
      const { provider } = stage;
      const ids: string[] = [];
      for (const index of [1, 2, 3, 4]) ids.push(await stage.rent({ tag: `${TAG}${index}` }));
      await stage.done(
        Promise.all([
          ...ids.flatMap((id) => [provider.get(id), provider.get(id), provider.get(id)]),
          ...[provider.list(), provider.list(), provider.list()],
          provider.offers(),
          provider.balance(),
          ...ids.map((id) => provider.terminate(id)),
        ]),
      );
      const limited = stage.recorder.notes.filter(
        (note) => note.kind === 'provider_call' && note.failure === 'rate_limited',
      );
      assert.deepEqual(limited, []);
    },
  },
  {
    name: 'rates: a terminate goes ahead of every look that waits',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY });
      const id = await stage.rent();
      await stage.clock.advance(MINUTE_MS);
      const before = stage.requests.length;
      const looks = Array.from({ length: 40 }, () => stage.provider.get(id));
      const settled = Promise.allSettled(looks);
      const end = stage.provider.terminate(id);
      await stage.done(end);
      const sent = stage.requests.slice(before);
      demand(sent.length <= 6, `${sent.length} calls went first or beside it`);
      await stage.done(settled);
    },
  },
  {
    name: 'rates: a provider that says when to come back is not asked again before',
    run: async (subject) => {
      const wire = wireThatAlways({
        kind: 'answers',
        response: { status: 429, headers: { 'retry-after': '20' }, body: 'slow down' },
      });
      const stage = stageFor(subject, wire.fetch);
      const first = await stage.failed(stage.provider.list());
      demand((first.retryAfterMs ?? 0) >= 20 * SECOND_MS, 'the wait is shorter than was said');
      const startedAt = stage.clock.monotonicMs();
      const sent = wire.requests.length;
      await stage.settled(stage.provider.list());
      const isLater = stage.clock.monotonicMs() - startedAt >= 15 * SECOND_MS;
      demand(isLater || wire.requests.length === sent, 'it asked again at once');
    },
  },
  {
    name: 'port: it says who it is, how it bills and how long things take',
    run: async (subject) => {
      const { provider } = stageFor(subject, wireThatAlways({ kind: 'says nothing' }).fetch);
      assert.equal(provider.api, subject.api);
      demand(
        provider.name !== '' && subject.api.startsWith(provider.name),
        "the API's name does not begin with the marketplace's",
      );
      const { created, running, stopped } = provider.billing;
      demand(
        running.includes('gpu') && created.includes('disk') && stopped.includes('disk'),
        'the billing rule forgets a part',
      );
      demand(
        provider.readyTimeoutMs >= MINUTE_MS && provider.settleMs >= MINUTE_MS,
        'a limit is too short for any machine',
      );
      demand(
        provider.serverReadyTimeoutMs >= provider.readyTimeoutMs,
        'a server is ready before its machine',
      );
    },
  },
  {
    name: 'port: nothing is sent before something is asked',
    run: async (subject) => {
      const wire = wireThatAlways({ kind: 'says nothing' });
      const { clock } = stageFor(subject, wire.fetch);
      await clock.advance(10 * MINUTE_MS);
      assert.equal(wire.requests.length, 0);
    },
  },
  {
    name: 'port: it has what its subject does not say that it lacks, and lacks the rest',
    run: async (subject) => {
      const wire = wireThatAlways({ kind: 'says nothing' });
      const { provider, done } = stageFor(subject, wire.fetch);
      assert.equal(provider.power === undefined, 'power' in subject.lacks);
      assert.equal(provider.charges === undefined, 'charges' in subject.lacks);
      assert.equal(provider.templates === undefined, 'templates' in subject.lacks);
      if ('access call' in subject.lacks) await done(provider.grantAccess('x', PUBLIC_KEY));
      if ('balance' in subject.lacks) assert.equal(await done(provider.balance()), undefined);
      assert.equal(wire.requests.length, 0);
    },
  },
  {
    name: 'port: credentials ride in no path, and go to the provider alone',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.done(stage.provider.list());
      await stage.done(stage.provider.terminate(id));
      const hosts = new Set(stage.requests.map(({ url }) => new URL(url).host));
      assert.equal(hosts.size, 1);
      for (const { url } of stage.requests) {
        const path = decodeURIComponent(new URL(url).pathname);
        for (const secret of subject.secrets)
          demand(!path.includes(secret), 'a credential rides in a path');
      }
    },
  },
  {
    name: 'port: no credential is in what is recorded of good and bad calls',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      for (const fault of ['echoed', 'serverErrorBefore', 'refused', 'cutBody', 'echoed']) {
        stage.trouble({ [fault]: 1 });
        await stage.settled(stage.provider.get(id));
        await stage.settled(stage.provider.list());
        await stage.settled(stage.provider.offers());
      }
      const recorded = JSON.stringify(stage.recorder.notes);
      for (const secret of subject.secrets)
        demand(!recorded.includes(secret), 'a credential is recorded');
    },
  },
  {
    name: 'port: an answer of 16 MB of something else is a failure, soon',
    run: async (subject) => {
      const body = `{"x":"${'y'.repeat(15_000_000)}"}`;
      const wire = wireThatAlways({
        kind: 'answers',
        response: { status: 200, headers: {}, body },
      });
      const stage = stageFor(subject, wire.fetch);
      const target = await recordedTarget(subject);
      await stage.failed(stage.provider.list());
      await stage.failed(stage.provider.get(target.id));
      await stage.failed(stage.provider.launch(target.order));
    },
  },
  ...Array.from({ length: 12 }, (_, seed) => ({
    name: `quirks: a rental comes to its end whatever the documents disagree on (draw ${seed})`,
    run: (subject: ConformanceSubject) => livesThrough(subject, seed),
  })),
];

async function livesThrough(subject: ConformanceSubject, seed: number): Promise<void> {
  const quirks = drawQuirks(createChance(`conformance ${seed}`));
  const stage = simulatedStage(subject, { quirks, hosts: ROOMY });
  const { provider } = stage;
  const offers = await stage.done(provider.offers());
  demand(offers.length > 0, 'nothing is on offer');
  const id = await launchedSoon(stage, orderFor(await stage.offer()));
  await stage.done(provider.grantAccess(id, PUBLIC_KEY));
  const seen = await stage.seen(id, ({ phase, address }) => phase === 'running' && !!address);
  assert.equal(seen.tag, TAG);
  const power = provider.power;
  if (power) {
    await stage.done(power.stop(id));
    await stage.seen(id, ({ phase }) => phase === 'stopped');
    await stage.done(power.start(id));
    await stage.seen(id, ({ phase }) => phase === 'running');
  }
  if (provider.charges) {
    const window = { from: stage.clock.now() - 60 * MINUTE_MS, to: stage.clock.now() };
    await stage.done(had(provider.charges)(window));
  }
  await stage.done(provider.terminate(id));
  await stage.gone(id);
  assert.equal(
    (await stage.done(provider.list())).some((one) => one.id === id),
    false,
  );
}

/** Some quirks refuse good keys now and then: a refusal that is certain may be followed by another launch. */
async function launchedSoon(
  stage: ReturnType<typeof simulatedStage>,
  order: ReturnType<typeof orderFor>,
): Promise<string> {
  for (let tries = 0; tries < 5; tries += 1) {
    const end = await stage.settled(stage.provider.launch(order));
    if (end.kind === 'done') return end.value.id;
  }
  return assert.fail('five launches were refused');
}
