import { afterEach, describe, expect, test } from 'vitest';
import { startAccountPollers } from '../../src/costs/account-poller.ts';
import { Accounts } from '../../src/costs/accounts.ts';
import { reservationOf } from '../../src/domain/budget.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Provider } from '../../src/ports/provider.ts';
import type { ProviderCommitment } from '../../src/ports/store.ts';
import type { Loop } from '../../src/runtime/loop.ts';
import { offer, request } from '../support/builders.ts';
import { failure, fakeProvider } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';
import { recordingRecorder } from '../support/recording-recorder.ts';

const USD = 1_000_000;
const REFRESH_MS = 3 * MINUTE_MS;
let loops: readonly Loop[] = [];
afterEach(() => Promise.all(loops.map((loop) => loop.stop())));

interface Told {
  readonly name?: string;
  readonly api: string;
  /** One answer a call, the last one for ever; an error is thrown. */
  readonly answers: readonly (number | undefined | Error)[];
}

async function world(told: readonly Told[], checksBalance = true) {
  const clock = manualClock();
  const calls: string[] = [];
  let commitments: readonly ProviderCommitment[] | Error = [];
  const providers = told.map(({ api, name = api, answers }): Provider => {
    let asked = 0;
    const balance = async () => {
      calls.push(api);
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer instanceof Error) throw answer;
      return answer === undefined ? undefined : { amount: answer };
    };
    return { ...fakeProvider({ clock, api, name }), balance };
  });
  const policy = { checksBalance, balanceRefreshMs: REFRESH_MS };
  const store = {
    commitments: async () => {
      if (commitments instanceof Error) throw commitments;
      return commitments;
    },
  };
  const accounts = new Accounts({ providers, store, clock, policy });
  const random = { next: () => 0.5, token: () => '' };
  const recorder = recordingRecorder();
  loops = startAccountPollers({ providers, accounts, clock, random, recorder, policy });
  await clock.advance(0);
  const commit = (rows: readonly ProviderCommitment[] | Error) => {
    commitments = rows;
  };
  return { clock, calls, accounts, commit, recorder };
}

const burning = (provider: string, overrides: Partial<ProviderCommitment> = {}) => ({
  provider,
  burnPerHour: 0,
  keptPerHour: 0,
  promised: 0,
  ...overrides,
});

describe('the account at each marketplace', () => {
  test('is read at once and then at intervals', async () => {
    const { clock, calls, accounts } = await world([{ api: 'alpha', answers: [5 * USD, 4 * USD] }]);
    const first = clock.now();
    expect(accounts.health()).toMatchObject([{ balance: { amount: 5 * USD, at: first } }]);
    await clock.advance(REFRESH_MS);
    expect(accounts.health()).toMatchObject([{ balance: { amount: 4 * USD } }]);
    expect(calls).toHaveLength(2);
  });

  test('is one for two APIs, asked of the first that tells', async () => {
    const { calls, accounts } = await world([
      { api: 'beta-v2', name: 'beta', answers: [undefined] },
      { api: 'beta-v0', name: 'beta', answers: [7 * USD] },
    ]);
    expect(accounts.health()).toMatchObject([{ provider: 'beta', balance: { amount: 7 * USD } }]);
    expect(calls).toEqual(['beta-v2', 'beta-v0']);
  });

  test('that fails keeps its last balance and is asked less and less', async () => {
    const { clock, calls, accounts, recorder } = await world([
      { api: 'alpha', answers: [5 * USD, failure('unavailable')] },
    ]);
    const at = clock.now();
    await clock.advance(HOUR_MS);
    expect(accounts.health()).toMatchObject([{ balance: { amount: 5 * USD, at } }]);
    // After 3 min, and then after twice as long each time, up to eight times.
    expect(calls).toHaveLength(1 + 1 + 3);
    expect(recorder.notes).toEqual([]);
  });

  test('is not known where nobody tells it, and that stays so', async () => {
    const { accounts } = await world([{ api: 'alpha', answers: [undefined] }]);
    expect(accounts.health()).toEqual([{ provider: 'alpha', burnPerHour: 0 }]);
  });

  test('lasts as long as what runs up lets it', async () => {
    const { clock, accounts, commit } = await world([{ api: 'alpha', answers: [10 * USD] }]);
    commit([burning('alpha', { burnPerHour: 2 * USD })]);
    await clock.advance(30 * SECOND_MS);
    const [alpha] = accounts.health();
    expect(alpha).toMatchObject({ burnPerHour: 2 * USD });
    expect(alpha?.lastsForMs).toBeCloseTo(5 * HOUR_MS - 30 * SECOND_MS, -1);
  });
});

describe('the budget', () => {
  const costly = request({ reservationHours: 10 });

  test('refuses what an account cannot pay for, and nothing at another', async () => {
    const { accounts } = await world([
      { api: 'alpha', answers: [3 * USD] },
      { api: 'beta', answers: [30 * USD] },
    ]);
    const [first, second] = await accounts.choose((budget) => [
      budget.shortfallOf(offer(), costly),
      budget.shortfallOf(offer({ provider: 'beta' }), costly),
    ]);
    expect(first).toEqual({ needed: 4 * USD, balance: 3 * USD });
    expect(second).toBeUndefined();
  });

  const rent = (accounts: Accounts) =>
    accounts.rent((budget) => {
      if (budget.shortfallOf(offer(), costly)) throw new Error('too dear');
      return { offer: offer(), reservation: reservationOf(offer(), costly) };
    });

  test('refuses only by what stands in the rows now', async () => {
    const { clock, accounts, commit } = await world([{ api: 'alpha', answers: [5 * USD] }]);
    commit([burning('alpha', { promised: 2 * USD })]);
    await clock.advance(30 * SECOND_MS);
    await expect(rent(accounts)).rejects.toThrow('too dear');
    commit([]);
    expect((await rent(accounts)).chosen.offer).toEqual(offer());
  });

  test('of two who ask at once for the last money lets one have it', async () => {
    const { accounts } = await world([{ api: 'alpha', answers: [5 * USD] }]);
    const asked = await Promise.allSettled([rent(accounts), rent(accounts)]);
    expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  test('counts what was chosen until the rows that have it were read, or until it is dropped', async () => {
    const { clock, accounts, commit } = await world([{ api: 'alpha', answers: [9 * USD] }]);
    const first = await rent(accounts);
    const second = await rent(accounts);
    await expect(rent(accounts)).rejects.toThrow('too dear');
    second.drop();
    commit([burning('alpha', { promised: 4 * USD })]);
    first.stored();
    await clock.advance(30 * SECOND_MS);
    expect((await rent(accounts)).chosen.offer).toEqual(offer());
    await expect(rent(accounts)).rejects.toThrow('too dear');
  });

  test('holds nothing for what was chosen where the rows could not be read then', async () => {
    const { accounts, commit } = await world([{ api: 'alpha', answers: [9 * USD] }]);
    const substitute = () =>
      accounts.rent((budget) => {
        budget.shortfallOf(offer(), request({ reservationHours: 100 }));
        return { reservation: reservationOf(offer(), costly) };
      });
    commit(new Error('the disk is gone'));
    for (const _time of [1, 2, 3]) await expect(substitute()).rejects.toThrow('the disk is gone');
    commit([]);
    await rent(accounts);
    await rent(accounts);
    await expect(rent(accounts)).rejects.toThrow('too dear');
  });

  test('refuses nothing at an account that is not known', async () => {
    const { accounts } = await world([
      { api: 'alpha', answers: [failure('unavailable')] },
      { api: 'beta', answers: [0] },
    ]);
    expect(await accounts.choose((budget) => budget.shortfallOf(offer(), costly))).toBeUndefined();
  });

  test('refuses nothing by a balance that could not be read again for long', async () => {
    const { clock, accounts } = await world([
      { api: 'alpha', answers: [3 * USD, failure('unavailable')] },
    ]);
    await clock.advance(5 * REFRESH_MS);
    expect(await accounts.choose((budget) => budget.shortfallOf(offer(), costly))).toBeDefined();
    await clock.advance(1);
    expect(await accounts.choose((budget) => budget.shortfallOf(offer(), costly))).toBeUndefined();
    expect(accounts.health()).toMatchObject([{ balance: { amount: 3 * USD } }]);
  });

  test('refuses nothing when it is switched off', async () => {
    const { accounts } = await world([{ api: 'alpha', answers: [0] }], false);
    expect(await accounts.choose((budget) => budget.shortfallOf(offer(), costly))).toBeUndefined();
  });
});
