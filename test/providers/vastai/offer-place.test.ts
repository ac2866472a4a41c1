import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  absenceFrom,
  type Place,
  placeAfter,
  ROWS_PER_SEARCH,
  START,
} from '../../../src/providers/vastai/offer-place.ts';
import type { OfferRow } from '../../../src/providers/vastai/wire.ts';

function row(id: number, dph_total: number, machine_id: number): OfferRow {
  return { id, machine_id, dph_total, gpu_name: 'RTX 4090', num_gpus: 1, gpu_ram: 24_564 };
}

/** Few prices, so that many offers share one, and up to eight offers a machine. */
const markets = fc
  .array(
    fc.record({ price: fc.integer({ min: 1, max: 6 }), slices: fc.integer({ min: 1, max: 8 }) }),
    {
      maxLength: 200,
    },
  )
  .map((machines) =>
    machines.flatMap(({ price, slices }, machine) =>
      Array.from({ length: slices }, (_, slice) =>
        row(machine * 10 + slice + 1, price / 7, machine + 1),
      ),
    ),
  );

/** As the server answers, which knows the places by their filters alone. */
function answer(market: readonly OfferRow[], place: Place) {
  const rows = market
    .filter(({ dph_total: price = 0, machine_id: machine }) => {
      const usd = price ?? 0;
      if (place.kind === 'from') return usd >= place.priceUsd;
      if (place.kind === 'above') return usd > place.priceUsd;
      return usd === place.priceUsd && (machine ?? 0) >= place.machineId;
    })
    .sort(
      (left, right) =>
        (left.dph_total ?? 0) - (right.dph_total ?? 0) ||
        (left.machine_id ?? 0) - (right.machine_id ?? 0),
    )
    .slice(0, ROWS_PER_SEARCH);
  return { rows, sent: rows.length };
}

interface Look {
  readonly place: Place;
  readonly page: ReturnType<typeof answer>;
}

/** More than any of these markets takes: a walk that does not end is to fail, not to hang. */
const MAX_LOOKS = 500;

/** One look after the other, from the cheapest on. */
function* looksAt(market: readonly OfferRow[]): Generator<Look> {
  let place: Place | undefined = START;
  for (let looks = 0; place && looks < MAX_LOOKS; looks += 1) {
    const page = answer(market, place);
    yield { place, page };
    place = placeAfter(place, page);
  }
}

/** Whether the answer lets somebody take an offer for gone that is not. */
function isDoubtful({ place, page }: Look, market: readonly OfferRow[]): boolean {
  const absence = absenceFrom(place, page);
  return market.some((one) => !page.rows.includes(one) && absence(one) !== 'unsaid');
}

describe('places in the market', () => {
  it('lead one after the other to every offer, and end', () => {
    fc.assert(
      fc.property(markets, (market) => {
        const looks = [...looksAt(market)];
        const found = new Set(looks.flatMap(({ page }) => page.rows.map(({ id }) => id)));
        expect(looks.length).toBeLessThanOrEqual(2 * 6 + market.length / 32 + 2);
        expect(found.size).toBe(market.length);
      }),
    );
  });

  it('never call an offer gone that is there, and call a gone one gone when its neighbours are shown', () => {
    fc.assert(
      fc.property(markets, fc.nat(), (market, pick) => {
        const gone = market[pick % Math.max(1, market.length)];
        const left = market.filter((one) => one !== gone);
        const looks = [...looksAt(left)];
        expect(looks.filter((look) => isDoubtful(look, left))).toEqual([]);
        const isGone = looks.some(
          ({ place, page }) => gone && absenceFrom(place, page)(gone) !== 'unsaid',
        );
        if (gone) expect(isGone).toBe(true);
      }),
    );
  });

  it('believe no order that the answer does not have', () => {
    const rows = [row(1, 0.5, 1), row(2, 0.3, 2)];
    const absence = absenceFrom(START, { rows, sent: 2 });
    expect(absence(row(3, 0.4, 3))).toBe('likely');
    const full = absenceFrom(START, { rows, sent: ROWS_PER_SEARCH });
    expect(full(row(3, 0.4, 3))).toBe('unsaid');
  });

  it('end where the prices are not known', () => {
    const { dph_total: _unknown, ...bare } = row(1, 0, 1);
    const rows = Array.from({ length: ROWS_PER_SEARCH }, (_, id) => ({ ...bare, id: id + 1 }));
    expect(placeAfter(START, { rows, sent: ROWS_PER_SEARCH })).toBeUndefined();
  });
});
