import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import { had, portCall } from '../conformance/port-calls.ts';
import { FUZZED } from './fuzzed-subject.ts';
import { PROPERTIES, propertiesOf } from './properties.ts';

const ALL = [
  ...PROPERTIES,
  ...propertiesOf(portCall('offers')),
  ...propertiesOf(portCall('charges')),
];

/** Adapters that are careless in one thing, and the property that does not hold for them. */
const CARELESS: readonly (readonly [
  says: string,
  property: string,
  careless: (good: Provider) => Provider,
])[] = [
  [
    'takes what it cannot read for gone',
    'get takes a machine for gone only when the answer says so',
    (good) => ({ ...good, get: (id) => good.get(id).catch(() => undefined) }),
  ],
  [
    'takes any answer to an end for a yes',
    'terminate takes only an acceptance or "there is none" for one',
    (good) => ({ ...good, terminate: (id) => good.terminate(id).catch(() => undefined) }),
  ],
  [
    'leaves out rows of a list that it cannot read',
    'list shows as many machines as the answer has, or fails',
    (good) => ({ ...good, list: () => good.list().catch(() => []) }),
  ],
  [
    'throws what it stumbles over',
    'offers gives a sound result or a failure of the port',
    (good) => ({
      ...good,
      offers: () =>
        good.offers().catch(() => {
          throw new TypeError('offers is not iterable');
        }),
    }),
  ],
  [
    'shows an empty menu when nothing can be read',
    'offers are none only when the answer has none',
    (good) => ({ ...good, offers: () => good.offers().catch(() => []) }),
  ],
  [
    'loses another row with a bad one',
    'offers lose no row but the bad one',
    (good) => ({
      ...good,
      offers: async () => {
        const offers = await good.offers();
        return offers.length === 5 ? offers.slice(1) : offers;
      },
    }),
  ],
  [
    'makes an id up where it can read none',
    'launch names no machine that the answer does not',
    (good) => ({ ...good, launch: (order) => good.launch(order).catch(() => ({ id: '12345' })) }),
  ],
  [
    'calls a launch not done of which nobody knows',
    'launch is unknown when the only answer is a success that cannot be read',
    (good) => ({ ...good, launch: (order) => good.launch(order).catch(asNotDone) }),
  ],
  [
    'charges what is no amount',
    'charges gives a sound result or a failure of the port',
    (good) => ({ ...good, charges: (window) => had(good.charges)(window).then(halved) }),
  ],
];

describe('the fuzzer of adapters', () => {
  it.each(CARELESS)('finds out one that %s', async (_, name, careless) => {
    const [fuzzed] = FUZZED;
    const property = ALL.find((one) => one.name === name);
    assert(fuzzed && property, `no property is named ${name}`);
    const { build } = fuzzed.subject;
    const subject = { ...fuzzed.subject, build: (parts: Parts) => careless(build(parts)) };
    const holds = property.holds({ ...fuzzed, subject }, { numRuns: 300, seed: 1 });
    await expect(holds).rejects.toThrow('Property failed after');
  });
});

type Parts = Parameters<(typeof FUZZED)[number]['subject']['build']>[0];

function asNotDone(error: unknown): never {
  const detail = error instanceof Error ? error.message : '';
  throw new ProviderFailure({ kind: 'malformed', outcome: 'not_done', detail });
}

function halved(charges: Awaited<ReturnType<NonNullable<Provider['charges']>>>) {
  return charges.map((charge) => ({ ...charge, total: charge.total / 2 + 0.25 }));
}
