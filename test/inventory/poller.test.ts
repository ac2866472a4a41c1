import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { startPoller } from '../../src/inventory/poller.ts';
import { Shelf } from '../../src/inventory/shelf.ts';
import { TrackRecord } from '../../src/inventory/track-record.ts';
import { offer } from '../support/builders.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

const { offersRefreshMs } = DEFAULT_POLICY;

function setUp(chance = 0.5) {
  const clock = manualClock();
  const recorder = recordingRecorder();
  const provider = fakeProvider({ clock, menu: [offer()] });
  const shelf = new Shelf({
    sources: [provider],
    clock,
    policy: DEFAULT_POLICY,
    record: new TrackRecord(),
  });
  const random = { next: () => chance, token: () => '' };
  const start = () =>
    startPoller({ provider, shelf, clock, random, recorder, policy: DEFAULT_POLICY });
  return { clock, recorder, provider, shelf, start };
}

test('offers are fetched at once and then in the background, and each time it is noted', async () => {
  const { clock, recorder, provider, shelf, start } = setUp();
  const poller = start();
  await clock.advance(0);
  expect(shelf.get('alpha-1')).toBeDefined();
  await clock.advance(3 * offersRefreshMs);
  expect(provider.count('offers')).toBe(4);
  expect(recorder.notes[0]).toStrictEqual({
    kind: 'offers_refreshed',
    api: 'alpha',
    provider: 'alpha',
    offers: 1,
    durationMs: 0,
  });
  await poller.stop();
  expect(clock.pending).toBe(0);
});

test('a provider that fails is asked less and less often, down to an eighth, and as ever when it answers', async () => {
  const { clock, provider, start } = setUp();
  provider.faultAlways('offers', refused('unavailable'));
  const poller = start();
  const gaps: number[] = [];
  await clock.advance(0);
  for (let last = clock.now(); gaps.length < 6; ) {
    const asked = provider.count('offers');
    while (provider.count('offers') === asked) await clock.advance(offersRefreshMs / 2);
    gaps.push((clock.now() - last) / offersRefreshMs);
    last = clock.now();
    if (gaps.length === 5) provider.faultAlways('offers', undefined);
  }
  expect(gaps).toStrictEqual([2, 4, 8, 8, 8, 8]);
  const asked = provider.count('offers');
  await clock.advance(offersRefreshMs);
  expect(provider.count('offers')).toBe(asked + 1);
  await poller.stop();
});

test.each([
  [0, 0.95],
  [0.999, 1.0499],
])(
  'several brokers do not ask in step: the chance %d waits %d intervals',
  async (chance, share) => {
    const { clock, provider, start } = setUp(chance);
    const poller = start();
    await clock.advance(share * offersRefreshMs - 1);
    expect(provider.count('offers')).toBe(1);
    await clock.advance(2);
    expect(provider.count('offers')).toBe(2);
    await poller.stop();
  },
);

test('a failure is shown in our words, and the offers stay', async () => {
  const { clock, provider, shelf, start } = setUp();
  const poller = start();
  await clock.advance(0);
  provider.fault('offers', refused('unauthorized'));
  await clock.advance(offersRefreshMs);
  expect(shelf.health().providers).toMatchObject([{ error: 'unauthorized', offers: 1 }]);
  await poller.stop();
});

test('a bug in an adapter is noted as one, and the poller goes on', async () => {
  const { clock, recorder, provider, shelf } = setUp();
  const broken = { ...provider, offers: () => Promise.reject(new TypeError('undefined is not')) };
  const poller = startPoller({
    provider: broken,
    shelf,
    clock,
    random: { next: () => 0.5, token: () => '' },
    recorder,
    policy: DEFAULT_POLICY,
  });
  await clock.advance(2 * offersRefreshMs);
  expect(shelf.health().providers).toMatchObject([{ error: 'internal' }]);
  const failed = recorder.notes.filter(({ kind }) => kind === 'loop_failed');
  expect(failed).toHaveLength(2);
  await poller.stop();
});
