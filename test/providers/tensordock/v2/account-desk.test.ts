import { expect, test } from 'vitest';
import { ProviderFailure } from '../../../../src/domain/errors.ts';
import { HOUR_MS } from '../../../../src/domain/time.ts';
import { createTensordockV2Provider } from '../../../../src/providers/tensordock/v2/provider.ts';
import { AUTH_ID, BASE_URL, failureOf, NODE_ID, sealNetwork, TOKEN, world } from '../harness.ts';
import { stubPost } from '../v0/desk.ts';
import { BALANCE, SUMMARY } from '../v0/examples.ts';

sealNetwork();

const FEBRUARY = { from: Date.UTC(2024, 1, 1), to: Date.UTC(2024, 1, 29) };
const REFUSED = { success: false, error: 'Invalid API key or token' };

function providerWith(settings: { readonly authId?: string; readonly asksOldApi?: true }) {
  const parts = world();
  const sizes = { defaultImage: 'ubuntu2204', defaultVcpus: 8, defaultRamGb: 32 };
  const access = { apiToken: TOKEN, baseUrl: BASE_URL, ...sizes, ...settings };
  return { parts, provider: createTensordockV2Provider(parts, access) };
}

const BOTH = { authId: AUTH_ID, asksOldApi: true } as const;

test('the account is told of by the old API, where the authorization id for it is known', async () => {
  const { provider } = providerWith(BOTH);
  stubPost('/billing/balance', BALANCE);
  expect(await provider.balance()).toEqual({ amount: 999_987_000, burnPerHour: 856_000 });
  stubPost('/billing/summary', SUMMARY);
  expect(await provider.charges?.(FEBRUARY)).toEqual([
    { id: NODE_ID, total: 549_732_000, traffic: 0 },
  ]);
  expect(provider.chargesMayMiss).toBe(true);
});

test.each([{}, { authId: AUTH_ID }, { asksOldApi: true as const }])(
  'nothing is told, and nothing asked, with %j',
  async (settings) => {
    const { provider } = providerWith(settings);
    expect(await provider.balance()).toBeUndefined();
    expect(provider.charges).toBeUndefined();
  },
);

test.each([
  ['refuses these credentials', REFUSED, 200],
  ['is not there any more', '', 404],
  ['answers something else', '<html>', 200],
] as const)(
  'an old API that %s is no failure, and is left alone for hours',
  async (_how, answer, status) => {
    const { provider, parts } = providerWith(BOTH);
    stubPost('/billing/balance', answer, status);
    expect(await provider.balance()).toBeUndefined();
    expect(await provider.balance()).toBeUndefined();
    expect(await provider.charges?.(FEBRUARY)).toEqual([]);
    await parts.clock.advance(6 * HOUR_MS);
    stubPost('/billing/balance', BALANCE);
    expect(await provider.balance()).toMatchObject({ amount: 999_987_000 });
  },
);

test('what may pass is a failure, and is asked again the next time', async () => {
  const { provider } = providerWith(BOTH);
  stubPost('/billing/balance', '', 503);
  expect(await failureOf(provider.balance().then(() => undefined))).toBeInstanceOf(ProviderFailure);
  stubPost('/billing/balance', BALANCE);
  expect(await provider.balance()).toMatchObject({ amount: 999_987_000 });
});
