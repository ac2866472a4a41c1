import { describe, expect, test } from 'vitest';
import type { CostEntry } from '../../src/domain/cost-entry.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import type { ReconciledCharge, Store } from '../../src/ports/store.ts';
import { instance, offer, request, START, session, sessionId } from '../support/builders.ts';

const NOW = START + HOUR_MS;

/** What every store has to tell of money that is promised and of money that was charged. */
export function describeMoney(current: () => Store): void {
  const put = (number: number, { of, ...fields }: Partial<Session> & { of: Partial<Instance> }) =>
    current().create({
      session: session({
        id: sessionId(number),
        status: 'running',
        instances: [instance({ sessionId: sessionId(number), ...of })],
        ...fields,
      }),
      events: [],
    });

  describe('what runs up and is promised', () => {
    const gpu: CostEntry = { part: 'gpu', rateMicroUsdPerHour: 380_000, startedAt: START };
    const disk: CostEntry = { part: 'disk', rateMicroUsdPerHour: 20_000, startedAt: START };

    test('is nothing where nothing is open', async () => {
      expect(await current().commitments(NOW)).toEqual([]);
      const over = { ...gpu, endedAt: NOW };
      await put(1, { status: 'stopped', of: { state: 'gone', costs: [over] } });
      expect(await current().commitments(NOW)).toEqual([]);
    });

    test('is told by marketplace: open lines, and full prices to the ends of the reservations', async () => {
      const beta = offer({ provider: 'beta' });
      const expiresAt = NOW + 90 * MINUTE_MS;
      await put(1, { expiresAt, of: { state: 'launched', costs: [gpu, disk] } });
      await put(2, { expiresAt, of: { state: 'launched', costs: [disk] } });
      await put(3, { expiresAt, status: 'pending', of: { state: 'intended', offer: beta } });
      const rows = await current().commitments(NOW);
      expect(rows.toSorted((left, right) => (left.provider < right.provider ? -1 : 1))).toEqual([
        { provider: 'alpha', burnPerHour: 420_000, keptPerHour: 0, promised: 2 * 600_000 },
        { provider: 'beta', burnPerHour: 0, keptPerHour: 0, promised: 600_000 },
      ]);
    });

    test('of a reservation whose end has passed is nothing more, and neither of one that is ending', async () => {
      await put(1, { expiresAt: NOW - 1, of: { state: 'launched', costs: [gpu] } });
      await put(2, { status: 'stopping', of: { state: 'launched', costs: [gpu] } });
      await put(3, { of: { state: 'terminating', costs: [gpu] } });
      expect(await current().commitments(NOW)).toMatchObject([
        { burnPerHour: 3 * 380_000, promised: 0 },
      ]);
    });

    test('tells the disks that are kept apart', async () => {
      await put(1, { status: 'stopped', of: { state: 'preserved', costs: [disk] } });
      expect(await current().commitments(NOW)).toEqual([
        { provider: 'alpha', burnPerHour: 20_000, keptPerHour: 20_000, promised: 0 },
      ]);
    });
  });

  describe('bills', () => {
    const line: CostEntry = {
      part: 'gpu',
      rateMicroUsdPerHour: 1_000_000,
      startedAt: START,
      endedAt: NOW,
    };
    const ended = (number: number, overrides: Partial<Instance> = {}): Partial<Instance> => ({
      state: 'gone',
      providerInstanceId: `i${number}`,
      goneAt: NOW,
      costs: [line],
      ...overrides,
    });
    const charge = (number: number, overrides: Partial<ReconciledCharge> = {}) => ({
      provider: 'alpha',
      providerInstanceId: `i${number}`,
      sessionId: sessionId(number),
      endedAt: NOW,
      billed: 1_100_000,
      traffic: 90_000,
      estimated: 1_000_000,
      readAt: NOW + HOUR_MS,
      ...overrides,
    });
    const waiting = async (toldBy = 'alpha') => {
      const query = { provider: 'alpha', goneAfter: START, settleMs: DAY_MS, toldBy, limit: 2 };
      return current().unreconciled(query);
    };

    test('are waited for from machines that are gone, with what the ledger says of them', async () => {
      const costs = [{ ...line, startedAt: START + MINUTE_MS }, line];
      await put(1, { of: ended(1, { costs }) });
      expect(await waiting()).toEqual([
        {
          sessionId: sessionId(1),
          provider: 'alpha',
          api: 'alpha',
          providerInstanceId: 'i1',
          billedFrom: START,
          goneAt: NOW,
          estimated: 983_333 + 1_000_000,
        },
      ]);
    });

    test('are not waited for from what is there, was never there, cost nothing, or was long ago', async () => {
      await put(1, { of: ended(1, { state: 'launched' }) });
      await put(2, { of: { state: 'absent', goneAt: NOW, costs: [line] } });
      await put(3, { of: ended(3, { costs: [] }) });
      await put(4, { of: ended(4, { goneAt: START }) });
      await put(5, { of: ended(5, { offer: offer({ provider: 'beta' }) }) });
      expect(await waiting()).toEqual([]);
    });

    test('are waited for until one was read that changes no more, the oldest first and only so many', async () => {
      for (const number of [1, 2, 3]) {
        await put(number, { of: ended(number, { goneAt: NOW - number }) });
      }
      const ids = async () => (await waiting()).map(({ providerInstanceId: id }) => id);
      expect(await ids()).toEqual(['i3', 'i2']);
      await current().saveCharges([charge(3)]);
      expect(await ids()).toEqual(['i3', 'i2']);
      await current().saveCharges([charge(3, { readAt: NOW + DAY_MS })]);
      expect(await ids()).toEqual(['i2', 'i1']);
    });

    test('are waited for from machines of the API that tells of its own before all others', async () => {
      const sister = offer({ api: 'alpha-sister' });
      await put(1, { of: ended(1, { goneAt: NOW - 3, offer: sister }) });
      await put(2, { of: ended(2, { goneAt: NOW - 2, offer: sister }) });
      await put(3, { of: ended(3, { goneAt: NOW - 1 }) });
      const ids = async (toldBy: string) =>
        (await waiting(toldBy)).map(({ providerInstanceId: id }) => id);
      expect(await ids('alpha')).toEqual(['i3', 'i1']);
      expect(await ids('alpha-sister')).toEqual(['i1', 'i2']);
    });

    test('are summed by marketplace over the machines that ended in a window', async () => {
      for (const number of [1, 2, 3]) await put(number, { of: ended(number) });
      await current().saveCharges([
        charge(1),
        charge(2, { endedAt: NOW - DAY_MS }),
        charge(3, { provider: 'beta', billed: -5, traffic: 0, readAt: NOW + DAY_MS }),
      ]);
      const window = { from: NOW, to: NOW + 1 };
      expect(await current().reconciledCosts({ window })).toEqual({
        sessions: 2,
        byProvider: [
          {
            provider: 'alpha',
            billed: 1_100_000,
            traffic: 90_000,
            estimated: 1_000_000,
            asOf: NOW + HOUR_MS,
          },
          { provider: 'beta', billed: -5, traffic: 0, estimated: 1_000_000, asOf: NOW + DAY_MS },
        ],
      });
    });

    test('are summed over one session, or one consumer, whatever marketplaces it was at', async () => {
      await put(1, { of: ended(1) });
      await put(2, { of: ended(2), request: request({ consumerId: 'consumer-2' }) });
      await current().saveCharges([charge(1), charge(2), charge(2, { provider: 'beta' })]);
      const sums = async (query: Parameters<Store['reconciledCosts']>[0]) => {
        const { sessions, byProvider } = await current().reconciledCosts(query);
        return [sessions, byProvider.map(({ provider }) => provider)];
      };
      expect(await sums({ sessionId: sessionId(2) })).toEqual([1, ['alpha', 'beta']]);
      expect(await sums({ consumerId: 'consumer-1' })).toEqual([1, ['alpha']]);
      expect(await sums({ consumerId: 'nobody' })).toEqual([0, []]);
    });

    test('of one machine are its latest', async () => {
      await put(1, { of: ended(1) });
      await current().saveCharges([charge(1)]);
      await current().saveCharges([charge(1, { billed: 7 })]);
      const { byProvider } = await current().reconciledCosts({ sessionId: sessionId(1) });
      expect(byProvider).toMatchObject([{ billed: 7 }]);
    });
  });
}
