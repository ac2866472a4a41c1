import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChargeBook, driftOf } from '../../src/costs/charge-book.ts';
import { startChargePollers } from '../../src/costs/charge-poller.ts';
import { Ledger } from '../../src/costs/ledger.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Span } from '../../src/domain/money.ts';
import { DEFAULT_POLICY } from '../../src/domain/policy.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, utcDayStart } from '../../src/domain/time.ts';
import type { Charge, Provider } from '../../src/ports/provider.ts';
import type { Store } from '../../src/ports/store.ts';
import type { Loop } from '../../src/runtime/loop.ts';
import { openStore } from '../../src/store/open-store.ts';
import { DEPLOYMENT, instance, offer, START, session, sessionId } from '../support/builders.ts';
import { failure, fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

const REFRESH_MS = 15 * MINUTE_MS;
const USD = 1_000_000;

let store: Store;
let loops: readonly Loop[] = [];
beforeEach(async () => {
  ({ store } = await openStore({ path: ':memory:', newDeploymentId: () => DEPLOYMENT }));
});
afterEach(async () => {
  await Promise.all(loops.map((loop) => loop.stop()));
  await store.close();
});

/** A machine that ran for an hour at a dollar and was gone at {@link START}. */
async function ended(number: number, overrides: Partial<Instance> = {}) {
  const id = sessionId(number);
  const one = instance({
    sessionId: id,
    state: 'gone',
    providerInstanceId: `i${number}`,
    goneAt: START,
    costs: [{ part: 'gpu', rateMicroUsdPerHour: USD, startedAt: START - HOUR_MS, endedAt: START }],
    ...overrides,
  });
  await store.create({ session: session({ id, instances: [one] }), events: [] });
}

interface Marketplace {
  readonly charges: (window: Span) => Promise<readonly Charge[]>;
  readonly api?: string;
  readonly isStopping?: () => boolean;
}

async function open({ charges, api = 'alpha', isStopping = () => false }: Marketplace) {
  const clock = manualClock({ startAt: START });
  const windows: Span[] = [];
  const telling: Provider = {
    ...fakeProvider({ clock, api, name: 'alpha' }),
    charges: (window) => {
      windows.push(window);
      return charges(window);
    },
  };
  const silent = fakeProvider({ clock, api: 'alpha-silent', name: 'alpha' });
  const book = new ChargeBook({ store, clock });
  const recorder = recordingRecorder();
  const told: string[] = [];
  const watched: Pick<Store, 'unreconciled' | 'saveCharges'> = {
    saveCharges: (charges) => store.saveCharges(charges),
    unreconciled: (query) => {
      told.push(query.toldBy);
      return store.unreconciled(query);
    },
  };
  loops = startChargePollers({
    providers: [silent, telling],
    store: watched,
    book,
    clock,
    random: { next: () => 0.5, token: () => '' },
    recorder,
    policy: { ...DEFAULT_POLICY, chargesRefreshMs: REFRESH_MS },
    isStopping,
  });
  await clock.advance(0);
  const costs = new Ledger(store, clock);
  return { clock, windows, told, book, costs, recorder };
}

const charge = (id: string, total: number, traffic = 0): Charge => ({ id, total, traffic });

describe('what a marketplace has charged', () => {
  test('is kept beside what the ledger says, with traffic told apart', async () => {
    await ended(1);
    const { clock, costs, book } = await open({
      charges: async () => [charge('i1', 1.25 * USD, 0.2 * USD)],
    });
    const reconciled = await costs.reconciledOf(sessionId(1));
    expect(reconciled).toEqual({
      billed: 1.25 * USD,
      traffic: 0.2 * USD,
      estimated: USD,
      sessions: 1,
      asOf: START,
    });
    expect(reconciled && driftOf(reconciled)).toBe(0.05 * USD);
    expect(await costs.ofSession(sessionId(1))).toBe(USD);
    await clock.advance(REFRESH_MS);
    expect(book.lately()).toMatchObject([{ provider: 'alpha', billed: 1.25 * USD }]);
  });

  test('is part of a summary for the machines that ended in its window', async () => {
    await ended(1);
    await ended(2, { goneAt: START - DAY_MS });
    const { costs } = await open({
      charges: async () => [charge('i1', USD), charge('i2', 5 * USD)],
    });
    const window = { from: utcDayStart(START), to: utcDayStart(START) + DAY_MS };
    expect((await costs.summary({ window })).reconciled).toMatchObject({
      billed: USD,
      sessions: 1,
    });
    const empty = { from: START + DAY_MS, to: START + 2 * DAY_MS };
    expect(await costs.summary({ window: empty })).not.toHaveProperty('reconciled');
    const others = await costs.summary({ window, consumerId: 'somebody else' });
    expect(others).not.toHaveProperty('reconciled');
  });

  test('is summed up over a window no more than once a minute', async () => {
    await ended(1);
    const { clock, costs } = await open({ charges: async () => [charge('i1', USD)] });
    const query = { window: { from: 0, to: START + DAY_MS } };
    const billed = async () => (await costs.summary(query)).reconciled?.billed;
    expect(await billed()).toBe(USD);
    const { byProvider } = await store.reconciledCosts(query);
    expect(byProvider).toHaveLength(1);
    await store.saveCharges([
      {
        provider: 'alpha',
        providerInstanceId: 'i1',
        sessionId: sessionId(1),
        endedAt: START,
        billed: 2 * USD,
        traffic: 0,
        estimated: USD,
        readAt: START,
      },
    ]);
    expect(await billed()).toBe(USD);
    await clock.advance(MINUTE_MS);
    expect(await billed()).toBe(2 * USD);
  });

  test('for machines that are not ours is left out', async () => {
    await ended(1);
    const { costs } = await open({
      charges: async () => [charge('foreign', 99 * USD), charge('i1', USD)],
    });
    const window = { from: 0, to: START + DAY_MS };
    expect((await costs.summary({ window })).reconciled).toMatchObject({ billed: USD });
  });

  test('is asked for whole lives, from the first day of the oldest', async () => {
    await ended(1);
    await ended(2, {
      costs: [
        { part: 'disk', rateMicroUsdPerHour: 9, startedAt: START - 3 * DAY_MS, endedAt: START },
      ],
    });
    const { windows } = await open({ charges: async () => [] });
    expect(windows).toEqual([{ from: utcDayStart(START - 3 * DAY_MS), to: START }]);
  });

  test('is not asked for while no machine waits for its bill', async () => {
    await ended(1, { state: 'launched' });
    const { clock, windows } = await open({ charges: async () => [] });
    await clock.advance(DAY_MS);
    expect(windows).toEqual([]);
  });

  test('may change until it has settled, and is asked for no more after that', async () => {
    await ended(1);
    let total = 0.4 * USD;
    const { clock, windows, costs } = await open({ charges: async () => [charge('i1', total)] });
    expect(await costs.reconciledOf(sessionId(1))).toMatchObject({ billed: 0.4 * USD });
    total = USD;
    await clock.advance(DEFAULT_POLICY.chargesSettleMs + REFRESH_MS);
    expect(await costs.reconciledOf(sessionId(1))).toMatchObject({ billed: USD });
    const asked = windows.length;
    await clock.advance(DAY_MS);
    expect(windows).toHaveLength(asked);
  });

  test('that is not told says nothing, until it has had its time: then nothing was charged', async () => {
    await ended(1);
    const { clock, costs } = await open({ charges: async () => [] });
    await clock.advance(DEFAULT_POLICY.chargesSettleMs - REFRESH_MS);
    expect(await costs.reconciledOf(sessionId(1))).toBeUndefined();
    await clock.advance(2 * REFRESH_MS);
    expect(await costs.reconciledOf(sessionId(1))).toMatchObject({ billed: 0, estimated: USD });
  });

  test('is looked up for the machines of the API that tells it before those of its sister', async () => {
    const { told } = await open({ charges: async () => [] });
    expect(told).toEqual(['alpha']);
  });

  test('by one API for a machine of its sister is believed, and its silence is not', async () => {
    const sister = offer({ provider: 'alpha', api: 'alpha-silent' });
    await ended(1, { offer: sister });
    await ended(2, { offer: sister });
    const { clock, costs } = await open({ charges: async () => [charge('i1', 2 * USD)] });
    await clock.advance(DEFAULT_POLICY.chargesSettleMs + DAY_MS);
    expect(await costs.reconciledOf(sessionId(1))).toMatchObject({ billed: 2 * USD });
    expect(await costs.reconciledOf(sessionId(2))).toBeUndefined();
  });
});

describe('a marketplace that does not answer', () => {
  test('is asked less and less, and nothing is believed meanwhile', async () => {
    await ended(1);
    const { clock, windows, costs, recorder } = await open({
      charges: async () => {
        throw failure('unavailable');
      },
    });
    await clock.advance(6 * HOUR_MS);
    expect(windows.length).toBeLessThan(8);
    expect(await costs.reconciledOf(sessionId(1))).toBeUndefined();
    expect(recorder.notes).toEqual([]);
  });

  test('before the broker stops has nothing written of its late answer', async () => {
    await ended(1);
    let isStopping = false;
    let answer = (_charges: readonly Charge[]): void => {};
    const late = new Promise<readonly Charge[]>((resolve) => {
      answer = resolve;
    });
    const { clock, costs } = await open({ charges: () => late, isStopping: () => isStopping });
    isStopping = true;
    answer([charge('i1', USD)]);
    await clock.advance(0);
    expect(await costs.reconciledOf(sessionId(1))).toBeUndefined();
  });
});
