import { expect, test } from 'vitest';
import { accrue, openLedger } from '../../../../src/domain/billing.ts';
import { offer } from '../../../support/builders.ts';
import { failureOf, NODE_ID, sealNetwork, world } from '../harness.ts';
import { providerIn, stubPost } from './desk.ts';
import { machine, SINGLE } from './examples.ts';

sealNetwork();

const NO = { success: false, error: 'Virtual machine is not running' };

function power() {
  const { power: found } = providerIn();
  if (!found) throw new Error('the provider cannot stop machines');
  return found;
}

function shownAs(status: string): unknown {
  return { success: true, virtualmachine: { ...SINGLE.virtualmachine, status } };
}

test('a stop gives the GPUs back', async () => {
  const seen = stubPost('/client/stop/single', { success: true });
  await expect(power().stop(NODE_ID)).resolves.toBeUndefined();
  expect(seen.fields).toEqual({ server: NODE_ID, disassociate_resources: 'true' });
});

test('a start names the machine', async () => {
  const seen = stubPost('/client/start/single', { success: true });
  await expect(power().start(NODE_ID)).resolves.toBeUndefined();
  expect(seen.fields).toEqual({ server: NODE_ID });
});

test.each([
  ['stop', 'StoppedDisassociated'],
  ['stop', 'Outbid'],
  ['start', 'Running'],
  ['start', 'Deploying'],
] as const)('a %s that is refused is done where the machine shows %s', async (act, status) => {
  stubPost(`/client/${act}/single`, NO);
  stubPost('/client/get/single', shownAs(status));
  await expect(power()[act](NODE_ID)).resolves.toBeUndefined();
});

test.each([
  ['stop', 'Stopped', 'its GPUs are billed on'],
  ['stop', 'Running', 'it runs'],
  ['start', 'StoppedDisassociated', 'it rests'],
] as const)(
  'a %s that is refused is not done where the machine shows %s: %s',
  async (act, status, _why) => {
    stubPost(`/client/${act}/single`, NO);
    stubPost('/client/get/single', shownAs(status));
    expect(await failureOf(power()[act](NODE_ID))).toMatchObject({
      kind: 'unavailable',
      outcome: 'not_done',
    });
  },
);

test('a refusal stands where the machine cannot be looked at', async () => {
  stubPost('/client/stop/single', NO);
  stubPost('/client/get/single', '', 500);
  expect(await failureOf(power().stop(NODE_ID))).toMatchObject({
    kind: 'unavailable',
    detail: expect.stringContaining('not running'),
  });
});

test.each([
  ['Not enough resources available on hostnode', 'no_capacity', 'not_done'],
  ['Insufficient balance', 'insufficient_funds', 'not_done'],
  ['Server not found', 'not_found', 'not_done'],
])('a start refused with "%s" is not looked after', async (error, kind, outcome) => {
  stubPost('/client/start/single', { success: false, error });
  expect(await failureOf(power().start(NODE_ID))).toMatchObject({ kind, outcome });
});

test.each(['start', 'stop'] as const)('a %s that breaks off may have happened', async (act) => {
  stubPost(`/client/${act}/single`, '<html>', 502);
  expect(await failureOf(power()[act](NODE_ID))).toMatchObject({ outcome: 'unknown' });
});

test.each([
  ['Stopped', 'all of it, its GPUs being held', ['gpu', 'cpu', 'ram', 'disk']],
  ['StoppedDisassociated', 'its disk', ['disk']],
  ['Outbid', 'its disk', ['disk']],
])('a machine that shows %s is billed for %s', async (status, _, parts) => {
  const parties = world();
  const provider = providerIn(parties);
  stubPost('/client/get/single', { success: true, virtualmachine: machine({ status }) });
  const seen = await provider.get(NODE_ID);
  if (!seen) throw new Error('the machine is gone');
  const price = { gpu: 300_000, cpu: 24_000, ram: 40_000, disk: 20_000 };
  const ledger = accrue(openLedger(provider.billing, price, 0), provider.billing, {
    at: 60_000,
    phase: seen.phase,
    price,
    isFirstLook: false,
    ...(seen.holdsGpus ? { holdsGpus: true } : {}),
  });
  expect(ledger.filter((line) => line.endedAt === undefined).map((line) => line.part)).toEqual(
    parts,
  );
});

test('what a machine without its GPUs shows as its price is not taken for what is billed', async () => {
  for (const total_price of ['0.384000', '0.020000']) {
    const row = machine({ status: 'StoppedDisassociated', total_price });
    stubPost('/client/get/single', { success: true, virtualmachine: row });
    expect(await providerIn().get(NODE_ID)).not.toHaveProperty('totalPerHour');
  }
});

const BID = {
  offer: offer({ price: { gpu: 300_000, cpu: 40_000, ram: 60_000, disk: 1 } }),
  perHour: 205_000,
};

test('a machine that was rented with a bid starts when the market still takes the bid', async () => {
  const asked = stubPost('/client/spot/validate/existing', { success: true });
  const started = stubPost('/client/start/single', { success: true });
  await expect(power().start(NODE_ID, BID)).resolves.toBeUndefined();
  expect(asked.fields).toEqual({ server: NODE_ID, price: '0.205' });
  expect(started.fields).toEqual({ server: NODE_ID });
});

test.each([
  ['a bare no', { success: false }],
  ['a no with a price', { success: true, will_succeed: false, suggested_price: 0.31 }],
])('by %s it is not started, and can be later', async (_how, answer) => {
  stubPost('/client/spot/validate/existing', answer);
  expect(await failureOf(power().start(NODE_ID, BID))).toMatchObject({
    kind: 'no_capacity',
    outcome: 'not_done',
  });
});

test('where the market does not answer about the bid, the start itself is asked for', async () => {
  stubPost('/client/spot/validate/existing', '<html>', 502);
  stubPost('/client/start/single', { success: true });
  await expect(power().start(NODE_ID, BID)).resolves.toBeUndefined();
});
