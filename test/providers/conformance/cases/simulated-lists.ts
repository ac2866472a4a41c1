import assert from 'node:assert/strict';
import type { Offer } from '../../../../src/domain/offer.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { demand } from '../demand.ts';
import { orderFor, TAG } from '../launch-order.ts';
import { ROOMY, type SimulatedStage, simulatedStage } from '../simulated-stage.ts';
import type { ConformanceSubject } from '../subject.ts';

/** More than a page of any list that pages, with one machine less and one more. */
const SIZES = [0, 1, 2, 24, 25, 26, 50, 51, 120] as const;

/** What is on offer and what is rented, at the simulated marketplace. */
export const SIMULATED_LISTS: readonly ConformanceCase[] = [
  ...SIZES.map((size) => ({
    name: `list: an account with ${size} machines is listed whole`,
    run: async (subject: ConformanceSubject) => {
      const stage = simulatedStage(subject, {
        hosts: ROOMY,
        market: { foreign: size },
      });
      const expected = stage.market
        .listed(subject.simulator.market)
        .map(({ id, label }) => [id, label ?? '']);
      assert.equal(expected.length, size);
      const listed = await stage.done(stage.provider.list());
      assert.deepEqual(byId(listed.map(({ id, tag }) => [id, tag ?? ''])), byId(expected));
    },
  })),
  {
    name: 'list: one that lacks its last machines is a failure or whole, where it counts them',
    run: async (subject) => {
      const stage = simulatedStage(subject, { market: { foreign: 8 } });
      const whole = stage.market.listed(subject.simulator.market).length;
      stage.trouble({ cutBody: 1 });
      const end = await stage.settled(stage.provider.list());
      if (end.kind === 'done') assert.equal(end.value.length, whole);
    },
  },
  {
    name: 'list: it shows what a look at each machine shows',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const id = await stage.rent();
      await stage.seen(id, ({ phase }) => phase === 'running');
      const [listed] = await stage.done(stage.provider.list());
      const single = await stage.done(stage.provider.get(id));
      demand(listed && single, 'it is not listed');
      for (const [name, value] of Object.entries(listed)) {
        if (name in single) assert.deepEqual(value, Reflect.get(single, name), name);
      }
    },
  },
  {
    name: 'list: it is one answer for all machines, however many are rented',
    run: async (subject) => {
      const stage = simulatedStage(subject, { market: { foreign: 20 } });
      const before = stage.requests.length;
      await stage.done(stage.provider.list());
      assert.equal(stage.requests.length - before, 1);
    },
  },
  {
    name: 'offers: each is whole and makes sense',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY });
      const offers = await stage.done(stage.provider.offers());
      demand(offers.length >= 10, 'next to nothing is on offer');
      assert.equal(new Set(offers.map(({ id }) => id)).size, offers.length, 'ids are unique');
      for (const offer of offers) assertSensible(offer, subject, stage);
    },
  },
  {
    name: 'offers: what is asked costs what the marketplace bills',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const offer = await stage.offer();
      const id = await stage.rent({ offer, diskGb: offer.includedDiskGb });
      await stage.seen(id, ({ phase }) => phase === 'running');
      const rate = stage.market.rate(id);
      for (const part of ['gpu', 'cpu', 'ram', 'disk'] as const) {
        const off = offer.price[part] - rate[part] * 1_000_000;
        demand(Math.abs(off) <= 1, `${part}: ${off} micro-dollars an hour off`);
      }
    },
  },
  {
    name: 'offers: more disk costs what the marketplace bills for it',
    run: async (subject) => {
      const stage = simulatedStage(subject);
      const offer = await stage.offer();
      const diskGb = offer.minDiskGb + 333;
      const id = await stage.rent({ offer, diskGb });
      const off = offer.diskMicroUsdPerGbHour * diskGb - stage.market.rate(id).disk * 1_000_000;
      demand(Math.abs(off) <= 1, `${off} micro-dollars an hour off`);
    },
  },
  {
    name: 'offers: a machine that is rented whole is not on offer, or its launch is refused',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: [{ gpuCount: 1 }] });
      const offer = await stage.offer();
      await stage.rent({ offer });
      const failure = await stage.failed(
        stage.provider.launch(orderFor(offer, { tag: `${TAG}2` })),
      );
      assert.deepEqual([failure.kind, failure.outcome], ['no_capacity', 'not_done']);
      assert.equal(stage.living(`${TAG}2`).length, 0);
    },
  },
  {
    name: 'offers: every one of a market of many can be launched, or says what is lacking',
    run: async (subject) => {
      const stage = simulatedStage(subject, { hosts: ROOMY });
      const offers = await stage.done(stage.provider.offers());
      for (const [index, offer] of offers.slice(0, 12).entries()) {
        const tag = `${TAG}${index}`;
        const end = await stage.settled(stage.provider.launch(orderFor(offer, { tag })));
        assert.equal(stage.living(tag).length, end.kind === 'done' ? 1 : 0);
      }
    },
  },
];

function byId(rows: readonly (readonly string[])[]) {
  return [...rows].sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
}

function assertSensible(
  offer: Offer,
  { api }: ConformanceSubject,
  { provider, clock }: SimulatedStage,
): void {
  const isMoney = (amount: number): boolean => Number.isSafeInteger(amount) && amount >= 0;
  assert.deepEqual([offer.api, offer.provider], [api, provider.name]);
  demand(
    offer.id.startsWith(`${provider.name}-`),
    "the id does not begin with the marketplace's name",
  );
  demand(
    offer.gpuType.trim() !== '' && offer.vramGb >= 1 && Number.isInteger(offer.gpuCount),
    'the cards make no sense',
  );
  demand(offer.gpuCount >= 1, 'there are no cards');
  demand(
    Object.values(offer.price).every(isMoney) && offer.price.gpu > 0,
    'the price makes no sense',
  );
  demand(offer.diskMicroUsdPerGbHour >= 0, 'the price of the disk makes no sense');
  demand(offer.minDiskGb <= offer.includedDiskGb, 'less disk is included than is the least');
  demand(
    offer.maxDiskGb === undefined || offer.maxDiskGb >= offer.includedDiskGb,
    'more disk is included than there is',
  );
  assert.match(offer.country, /^([A-Z]{2})?$/);
  demand(offer.reliability >= 0 && offer.reliability <= 1, 'the reliability is no share');
  demand(
    offer.availabilityConfidence >= 0 && offer.availabilityConfidence <= 1,
    'the confidence is no share',
  );
  demand(offer.maxDurationHours >= 0, 'the duration makes no sense');
  demand(
    offer.minBid === undefined || (isMoney(offer.minBid) && offer.minBid > 0),
    'the least bid makes no sense',
  );
  demand(
    clock.now() - offer.fetchedAt <= 5 * 60_000 && offer.fetchedAt <= clock.now(),
    'it was not fetched just now',
  );
  assert.deepEqual(JSON.parse(JSON.stringify(offer.adapterData)), offer.adapterData);
}
