import { expect, test } from 'vitest';
import { makeTag } from '../../src/domain/ids.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import { endForGood, findOwnInstances } from '../../src/sessions/account-sweep.ts';
import { DEPLOYMENT, instance, session, sessionId } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

const tagOf = (number: number) =>
  makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(number), attempt: 1 });

function setUp() {
  const clock = manualClock();
  return { clock, provider: fakeProvider({ clock }) };
}

test('every instance of this deployment is found, with whether the rows want it, and no other one', async () => {
  const { provider } = setUp();
  const kept = provider.add({ tag: tagOf(1) });
  provider.add({ tag: tagOf(2) });
  provider.add({ tag: 'theirs' });
  provider.add({ tag: tagOf(3).replace(DEPLOYMENT, 'other9') });
  const owner = session({
    instances: [instance({ state: 'launched', providerInstanceId: kept.id })],
  });
  const report = await findOwnInstances([provider], {
    deploymentId: DEPLOYMENT,
    sessionOf: async (id) => (id === owner.id ? owner : undefined),
  });
  expect(report.failed).toStrictEqual([]);
  expect(report.found.map(({ tag, standing }) => [tag, standing])).toStrictEqual([
    [tagOf(1), 'wanted'],
    [tagOf(2), 'unwanted'],
  ]);
});

test('without rows to ask nothing is called unwanted', async () => {
  const { provider } = setUp();
  provider.add({ tag: tagOf(1) });
  const scope = { deploymentId: DEPLOYMENT, sessionOf: undefined };
  const { found } = await findOwnInstances([provider], scope);
  expect(found.map(({ standing }) => standing)).toStrictEqual(['unknown']);
});

test('one that two APIs of a marketplace show is found once, and an API that fails is named', async () => {
  const clock = manualClock();
  const first = fakeProvider({ clock, api: 'beta-new', name: 'beta' });
  const second = fakeProvider({ clock, api: 'beta-old', name: 'beta' });
  const third = fakeProvider({ clock, api: 'gamma' });
  for (const provider of [first, second]) provider.add({ id: 'same', tag: tagOf(1) });
  third.fault('list', refused('unauthorized'));
  const scope = { deploymentId: DEPLOYMENT, sessionOf: undefined };
  const report = await findOwnInstances([first, second, third], scope);
  expect(report.found.map(({ provider }) => provider.api)).toStrictEqual(['beta-new']);
  expect(report.failed.map(({ api }) => api)).toStrictEqual(['gamma']);
});

async function ownInstance(change: (set: ReturnType<typeof setUp>) => void) {
  const set = setUp();
  const machine = set.provider.add({ tag: tagOf(1) });
  change(set);
  const scope = { deploymentId: DEPLOYMENT, sessionOf: undefined };
  const [found] = (await findOwnInstances([set.provider], scope)).found;
  if (!found) throw new Error('it is ours');
  return { ...set, machine, found };
}

test('an end is asked for until the provider says that the instance is gone', async () => {
  const { clock, provider, machine, found } = await ownInstance(({ provider }) => {
    provider.fault('terminate', refused('unavailable'), refused('rate_limited'));
  });
  const ending = endForGood(found, clock);
  await clock.advance(HOUR_MS);
  expect(await ending).toBe(true);
  expect(machine.isGone).toBe(true);
  expect(provider.count('terminate')).toBe(3);
});

test('an end that never comes is given up to a person, after many tries', async () => {
  const { clock, provider, found } = await ownInstance(({ provider }) => {
    provider.endsOnTerminate = false;
  });
  const ending = endForGood(found, clock);
  await clock.advance(HOUR_MS);
  expect(await ending).toBe(false);
  expect(provider.count('terminate')).toBe(24);
});

test('a bug in an adapter is not taken for a failure of the world', async () => {
  const { clock, provider, found } = await ownInstance(() => {});
  const broken = new TypeError('undefined is not');
  const scope = { deploymentId: DEPLOYMENT, sessionOf: undefined };
  const listing = findOwnInstances([{ ...provider, list: () => Promise.reject(broken) }], scope);
  await expect(listing).rejects.toBe(broken);
  const ending = endForGood(
    { ...found, provider: { ...provider, terminate: () => Promise.reject(broken) } },
    clock,
  );
  await expect(ending).rejects.toBe(broken);
});
