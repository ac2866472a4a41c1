import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTag } from '../../src/domain/ids.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';
import {
  chosenToEnd,
  endForGood,
  findOwnInstances,
  type SweepReport,
} from '../../src/sessions/account-sweep.ts';
import { openStore } from '../../src/store/open-store.ts';
import { viewStore } from '../../src/store/read-only.ts';
import { DEPLOYMENT, instance, orphan, session, sessionId } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gpu-broker-account-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const tagOf = (number: number) =>
  makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(number), attempt: 1 });

function setUp() {
  const clock = manualClock();
  return { clock, provider: fakeProvider({ clock }) };
}

/** Looks as the command does: from beside a database in which a broker has written this. */
async function sweepBeside(
  providers: readonly Provider[],
  write: (store: Store) => Promise<unknown>,
): Promise<SweepReport> {
  const path = join(folder, 'broker.db');
  const { store } = await openStore({ path, newDeploymentId: () => DEPLOYMENT });
  await write(store);
  const view = await viewStore(path);
  const report = await findOwnInstances(providers, { deploymentId: DEPLOYMENT, rows: view });
  await view?.close();
  await store.close();
  return report;
}

const standings = ({ found }: SweepReport) =>
  found.map(({ tag, standing }) => [tag, standing] as const);

test('every instance of this deployment is found, with whether the rows want it, and no other one', async () => {
  const { provider } = setUp();
  const kept = provider.add({ tag: tagOf(1) });
  provider.add({ tag: tagOf(2) });
  provider.add({ tag: 'theirs' });
  provider.add({ tag: tagOf(3).replace(DEPLOYMENT, 'other9') });
  const owner = session({
    instances: [instance({ state: 'launched', providerInstanceId: kept.id })],
  });
  const report = await sweepBeside([provider], (store) =>
    store.create({ session: owner, events: [] }),
  );
  expect(report.failed).toStrictEqual([]);
  expect(standings(report)).toStrictEqual([
    [tagOf(1), 'wanted'],
    [tagOf(2), 'unwanted'],
  ]);
});

test('what the broker holds, ignores or ends is called so', async () => {
  const { provider } = setUp();
  for (const number of [1, 2, 3]) provider.add({ id: String(number), tag: tagOf(number) });
  const report = await sweepBeside([provider], async (store) => {
    const one = { providerInstanceId: '1', state: 'held', heldFor: 'over_limit' } as const;
    await store.saveOrphan(orphan(one), []);
    await store.saveOrphan(orphan({ providerInstanceId: '2', state: 'ignored' }), []);
    await store.saveOrphan(orphan({ providerInstanceId: '3', state: 'ending' }), []);
  });
  expect(standings(report)).toStrictEqual([
    [tagOf(1), 'held'],
    [tagOf(2), 'ignored'],
    [tagOf(3), 'unwanted'],
  ]);
});

test('a session that wants an instance comes before what was said of it as an orphan', async () => {
  const { provider } = setUp();
  const kept = provider.add({ tag: tagOf(1) });
  const row = instance({ state: 'launched', providerInstanceId: kept.id });
  const report = await sweepBeside([provider], async (store) => {
    await store.create({ session: session({ instances: [row] }), events: [] });
    await store.saveOrphan(orphan({ providerInstanceId: kept.id, state: 'ignored' }), []);
  });
  expect(standings(report)).toStrictEqual([[tagOf(1), 'wanted']]);
});

test('one that is ignored at one API of a marketplace is ignored through the other, and at no other marketplace', async () => {
  const clock = manualClock();
  const first = fakeProvider({ clock, api: 'beta-new', name: 'beta' });
  const second = fakeProvider({ clock, api: 'beta-old', name: 'beta' });
  const third = fakeProvider({ clock, api: 'gamma' });
  for (const provider of [first, second, third]) provider.add({ id: 'same', tag: tagOf(1) });
  const old = { provider: 'beta', api: 'beta-old', providerInstanceId: 'same' };
  const report = await sweepBeside([first, second, third], async (store) => {
    await store.saveOrphan(orphan({ ...old, state: 'ignored' }), []);
    await store.saveOrphan(orphan({ ...old, api: 'beta-new', state: 'ending' }), []);
  });
  expect(report.found.map(({ provider, standing }) => [provider.api, standing])).toStrictEqual([
    ['beta-new', 'ignored'],
    ['gamma', 'unwanted'],
  ]);
});

test.each([
  { includesWanted: false, includesIgnored: false, left: ['wanted', 'ignored'] },
  { includesWanted: true, includesIgnored: false, left: ['ignored'] },
  { includesWanted: false, includesIgnored: true, left: ['wanted'] },
  { includesWanted: true, includesIgnored: true, left: [] },
])(
  'with live ones $includesWanted and ignored ones $includesIgnored, $left are not ended',
  async ({ left, ...choice }) => {
    const { found } = await ownInstance(() => {});
    const all = (['wanted', 'unwanted', 'held', 'ignored', 'unknown'] as const).map((standing) => ({
      ...found,
      standing,
    }));
    const chosen = chosenToEnd(all, choice);
    expect(all.filter((one) => !chosen.includes(one)).map(({ standing }) => standing)).toEqual(
      left,
    );
  },
);

test('without rows to ask nothing is called unwanted', async () => {
  const { provider } = setUp();
  provider.add({ tag: tagOf(1) });
  const scope = { deploymentId: DEPLOYMENT, rows: undefined };
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
  const scope = { deploymentId: DEPLOYMENT, rows: undefined };
  const report = await findOwnInstances([first, second, third], scope);
  expect(report.found.map(({ provider }) => provider.api)).toStrictEqual(['beta-new']);
  expect(report.failed.map(({ api }) => api)).toStrictEqual(['gamma']);
});

async function ownInstance(change: (set: ReturnType<typeof setUp>) => void) {
  const set = setUp();
  const machine = set.provider.add({ tag: tagOf(1) });
  change(set);
  const scope = { deploymentId: DEPLOYMENT, rows: undefined };
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
  const scope = { deploymentId: DEPLOYMENT, rows: undefined };
  const listing = findOwnInstances([{ ...provider, list: () => Promise.reject(broken) }], scope);
  await expect(listing).rejects.toBe(broken);
  const ending = endForGood(
    { ...found, provider: { ...provider, terminate: () => Promise.reject(broken) } },
    clock,
  );
  await expect(ending).rejects.toBe(broken);
});
