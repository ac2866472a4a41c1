import { expect, test } from 'vitest';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session, SessionRequest } from '../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time.ts';
import { instance, offer, request, START, session } from '../support/builders.ts';
import { brokenRequest } from './checkers/within-the-request.ts';

const failed = instance({ offer: offer({ id: 'first' }), state: 'gone' });

/** A second attempt beside a failed first one, half a minute later. */
function second(
  asked: Partial<SessionRequest>,
  change: Partial<Instance> = {},
  first: Instance = failed,
): string | undefined {
  const last = instance({
    attempt: 2,
    offer: offer({ id: 'second' }),
    intendedAt: START + MINUTE_MS / 2,
    ...change,
  });
  const choice = { kind: 'requirements', filter: { minVramGb: 24 }, prefer: 'price' } as const;
  const before: Session = session({ request: request({ choice, ...asked }), instances: [first] });
  return brokenRequest({ ...before, instances: [first, last] }, before, 2 * HOUR_MS);
}

test('an attempt that is as it was asked for is as it should be', () => {
  expect(second({ maxPricePerHour: 400_000, searchTimeoutMs: MINUTE_MS })).toBeUndefined();
  expect(brokenRequest(session(), undefined, HOUR_MS)).toBeUndefined();
});

test.each<[string, RegExp, string | undefined]>([
  ['above the ceiling', /costs 400000, above 399999/, second({ maxPricePerHour: 399_999 })],
  ['with less disk', /has 40 GB of disk, not 50/, second({}, { diskGb: 40 })],
  ['with a disk that is not to be had', /has no 600 GB/, second({ diskGb: 600 }, { diskGb: 600 })],
  ['that cannot keep its disk', /cannot keep its disk/, second({ keepsDisk: true })],
  ['outside the filter', /lacks minVramGb/, second({}, { offer: offer({ vramGb: 16 }) })],
  [
    'that nobody asked for',
    /was not asked for/,
    second({ choice: { kind: 'offer', offerId: 'first' } }),
  ],
  [
    'beside one that is open',
    /while attempt 1 is/,
    second({}, {}, { ...failed, state: 'launched' }),
  ],
  ['where one has failed', /is tried again/, second({}, { offer: offer({ id: 'first' }) })],
  ['after its time', /after the time of the search/, second({ searchTimeoutMs: 20_000 })],
])('an attempt %s is noticed', (_, words, told) => {
  expect(told).toMatch(words);
});
