import { expect, test } from 'vitest';
import { failureOf, NODE_ID, sealNetwork } from '../harness.ts';
import { providerIn, stubMenu, stubPost } from './desk.ts';
import { BALANCE, SUMMARY } from './examples.ts';

sealNetwork();

const FEBRUARY = { from: Date.UTC(2024, 1, 1), to: Date.UTC(2024, 2, 1) };

function charges(window = FEBRUARY) {
  const { charges: read } = providerIn();
  if (!read) throw new Error('the provider does not tell what it charges');
  return read(window);
}

test.each([
  ['in words', 200, { success: false, error: 'Invalid authorization' }],
  ['without a word', 200, { success: false }],
  ['with 401', 401, { success: false, error: 'no' }],
])(
  'a wrong pair is found at the first reading of the menu, refused %s',
  async (_, status, answer) => {
    stubPost('/auth/test', answer, status);
    expect(await failureOf(providerIn().offers())).toMatchObject({ kind: 'unauthorized' });
  },
);

test('a good pair is tested once, and again after a refusal', async () => {
  const provider = providerIn();
  stubPost('/auth/test', { success: true });
  for (let reading = 0; reading < 2; reading += 1) {
    stubMenu({ hostnodes: { hostnodes: {} } });
    expect(await provider.offers()).toEqual([]);
  }
  stubPost('/client/list', { success: false, error: 'Invalid authorization' });
  await failureOf(provider.list());
  stubPost('/auth/test', { success: false, error: 'Invalid authorization' });
  expect(await failureOf(provider.offers())).toMatchObject({ kind: 'unauthorized' });
});

test('a test that breaks off says nothing of the pair, and is made again', async () => {
  const provider = providerIn();
  for (const [status, answer] of [
    [502, '<html>'],
    [200, { success: true }],
  ] as const) {
    stubPost('/auth/test', answer, status);
    stubMenu({ hostnodes: { hostnodes: {} } });
    await provider.offers();
  }
});

test('the documented balance is read', async () => {
  stubPost('/billing/balance', BALANCE);
  expect(await providerIn().balance()).toMatchObject({ amount: 999_987_000 });
});

test('a month’s charges are those of machine and disk together, earnings aside', async () => {
  const seen = stubPost('/billing/summary', SUMMARY);
  expect(await charges()).toEqual([{ id: NODE_ID, total: 549_732_000, traffic: 0 }]);
  expect(seen.fields).toEqual({ period: '2024-02' });
});

test('a window counts each month that it touches as a whole, and its end not at all', async () => {
  const periods: (string | undefined)[] = [];
  const seen = Array.from({ length: 3 }, () => stubPost('/billing/summary', SUMMARY));
  const window = { from: Date.UTC(2023, 11, 31, 23, 59), to: Date.UTC(2024, 1, 1, 0, 0, 1) };
  expect(await charges(window)).toEqual([{ id: NODE_ID, total: 3 * 549_732_000, traffic: 0 }]);
  for (const { fields } of seen) periods.push(fields['period']);
  expect(periods).toEqual(['2023-12', '2024-01', '2024-02']);
  expect(await charges({ from: FEBRUARY.from, to: FEBRUARY.from })).toEqual([]);
});

test('charges over more years than anybody settles are not asked for', async () => {
  const window = { from: 0, to: FEBRUARY.to };
  expect(await failureOf(charges(window))).toMatchObject({ kind: 'invalid' });
});

const ROW = { virtual_machine_id: NODE_ID, total_amount: 1 };

test.each([
  ['no transactions', {}],
  ['no list of machines', { transactions: { storage_expenses: [] } }],
  ['an amount of no number', { transactions: { vm_expenses: [{ ...ROW, total_amount: 'much' }] } }],
  ['a row of nobody', { transactions: { vm_expenses: [ROW, { total_amount: 1 }] } }],
  ['a refusal', { success: false, error: 'period must have the form YYYY-MM' }],
])('a summary with %s is a failure, never a short one', async (_, answer) => {
  stubPost('/billing/summary', answer);
  expect(await failureOf(charges())).toMatchObject({ outcome: 'not_done' });
});

test('a summary without a list of disks has them in the machines’ amounts', async () => {
  stubPost('/billing/summary', {
    transactions: { vm_expenses: [{ ...ROW, total_amount: '0.493' }] },
  });
  expect(await charges()).toEqual([{ id: NODE_ID, total: 493_000, traffic: 0 }]);
});
