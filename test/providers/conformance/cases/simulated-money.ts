import assert from 'node:assert/strict';
import {
  accrue,
  agreedPrice,
  closeLedger,
  ledgerTotal,
  openLedger,
} from '../../../../src/domain/billing.ts';
import type { CostEntry } from '../../../../src/domain/cost-entry.ts';
import { priceWithDisk } from '../../../../src/domain/offer.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { orderFor, TAG } from '../launch-order.ts';
import { had } from '../port-calls.ts';
import { ROOMY, simulatedStage } from '../simulated-stage.ts';
import type { ConformanceSubject } from '../subject.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MICRO_PER_USD = 1_000_000;
const CENT = 10_000;

/** What the provider says of money is what the simulated marketplace bills. */
export const SIMULATED_MONEY: readonly ConformanceCase[] = [
  {
    name: 'get: what a machine is said to cost is what it costs',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const offer = await stage.offer();
      const id = await stage.rent({ offer });
      const seen = await stage.seen(id, ({ phase }) => phase === 'running');
      const said = total(agreedPrice(offer.price, seen, stage.provider.billing));
      const off = said - total(stage.market.rate(id)) * MICRO_PER_USD;
      demand(Math.abs(off) <= 1, `${off} micro-dollars an hour off`);
    },
  },
  {
    name: "billing: the adapter's rule and observations come to the marketplace's bill within a cent",
    run: (subject) => billIsKept(subject, async () => undefined),
  },
  {
    name: 'billing: and with a machine that is stopped and started again',
    needs: 'power',
    run: (subject) =>
      billIsKept(subject, async (stage, id) => {
        await stage.done(had(stage.provider.power).stop(id));
        await stage.seen(id, ({ phase }) => phase === 'stopped');
        await stage.clock.advance(2 * HOUR_MS);
        await stage.done(had(stage.provider.power).start(id));
        await stage.seen(id, ({ phase }) => phase === 'running');
      }),
  },
  {
    name: "balance: it is the account's, to the cent, and falls by what is billed",
    needs: 'balance',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const { market } = subject.simulator;
      const isTold = async (): Promise<void> => {
        const told = await stage.done(stage.provider.balance());
        demand(told && Number.isSafeInteger(told.amount), 'the balance is no amount');
        const off = told.amount - stage.market.credit(market) * MICRO_PER_USD;
        demand(Math.abs(off) <= CENT, `${off} micro-dollars off`);
      };
      await isTold();
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      await stage.clock.advance(3 * HOUR_MS);
      await isTold();
      stage.market.drainCredit(market);
      await isTold();
    },
  },
  {
    name: 'charges: an ended machine is charged what it was billed',
    needs: 'charges',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const from = stage.clock.now();
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      await stage.clock.advance(5 * HOUR_MS);
      await stage.done(stage.provider.terminate(id));
      await stage.gone(id);
      await stage.clock.advance(36 * HOUR_MS);
      const charges = await stage.done(
        had(stage.provider.charges)({ from, to: stage.clock.now() }),
      );
      const mine = charges.filter((charge) => charge.id === id);
      assert.equal(mine.length, 1);
      const off = (mine[0]?.total ?? 0) - (mine[0]?.traffic ?? 0) - total(stage.market.bill(id));
      demand(Math.abs(off) <= CENT, `${off} micro-dollars off`);
    },
  },
  {
    name: 'charges: every machine of many is among them, once',
    needs: 'charges',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY });
      const from = stage.clock.now();
      const offers = await stage.done(stage.provider.offers());
      const single = offers.filter(({ gpuCount }) => gpuCount === 1).slice(0, 30);
      const ids: string[] = [];
      for (const [index, offer] of single.entries()) {
        const order = orderFor(offer, { tag: `${TAG}${index}` });
        const end = await stage.settled(stage.provider.launch(order));
        if (end.kind === 'done') ids.push(end.value.id);
      }
      await stage.clock.advance(26 * HOUR_MS);
      const charges = await stage.done(
        had(stage.provider.charges)({ from, to: stage.clock.now() }),
      );
      const charged = charges.map(({ id }) => id).filter((id) => ids.includes(id));
      assert.deepEqual([...charged].sort(), [...ids].sort());
      demand(
        charges.every((one) => Number.isSafeInteger(one.total) && one.traffic <= one.total),
        'a charge is no amount',
      );
    },
  },
  {
    name: 'charges: of an account without machines there are none',
    needs: 'charges',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const window = { from: stage.clock.now() - 24 * HOUR_MS, to: stage.clock.now() };
      assert.deepEqual(await stage.done(had(stage.provider.charges)(window)), []);
    },
  },
];

type Stage = ReturnType<typeof simulatedStage>;

/** Books kept from what the adapter shows, looked at each half minute, as the broker keeps them. */
async function billIsKept(
  subject: ConformanceSubject,
  meanwhile: (stage: Stage, id: string) => Promise<void>,
): Promise<void> {
  const stage = simulatedStage(subject);
  const { provider, clock } = stage;
  const offer = await stage.offer();
  const launchedAt = clock.now();
  const { diskGb } = orderFor(offer);
  const id = await stage.rent({ offer });
  let price = priceWithDisk(offer, diskGb);
  let books: readonly CostEntry[] = openLedger(provider.billing, price, launchedAt);
  let isFirstLook = true;
  let seenBefore: number | undefined;
  const look = async (): Promise<void> => {
    const seen = await stage.done(provider.get(id));
    if (!seen) return;
    price = agreedPrice(price, seen, provider.billing);
    const { phase, createdAt, runningSince, holdsGpus } = seen;
    books = accrue(books, provider.billing, {
      at: clock.now(),
      phase,
      price,
      isFirstLook,
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(runningSince === undefined ? {} : { runningSince }),
      ...(holdsGpus === undefined ? {} : { holdsGpus }),
      ...(seenBefore === undefined ? {} : { seenBefore }),
    });
    isFirstLook = false;
    seenBefore = clock.now();
  };
  const watched: Stage = {
    ...stage,
    clock: {
      ...clock,
      advance: async (spanMs) => {
        for (let spent = 0; spent < spanMs; spent += 30_000) {
          await look();
          await clock.advance(Math.min(30_000, spanMs - spent));
        }
      },
    },
    seen: async (one, isSo) => {
      for (let looks = 0; looks < 60; looks += 1) {
        await look();
        const seen = await stage.done(provider.get(one));
        if (seen && isSo(seen)) return seen;
        await clock.advance(10_000);
      }
      return assert.fail('it did not come about');
    },
  };
  await watched.seen(id, ({ phase }) => phase === 'running');
  await watched.clock.advance(HOUR_MS);
  await meanwhile(watched, id);
  await watched.clock.advance(HOUR_MS);
  await look();
  const off =
    ledgerTotal(closeLedger(books, clock.now()), clock.now()) - total(stage.market.bill(id));
  demand(Math.abs(off) <= CENT, `${off} micro-dollars off`);
}

function total(parts: Readonly<Record<'gpu' | 'cpu' | 'ram' | 'disk', number>>): number {
  return parts.gpu + parts.cpu + parts.ram + parts.disk;
}
