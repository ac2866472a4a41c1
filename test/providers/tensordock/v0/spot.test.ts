import { expect, test } from 'vitest';
import type { Offer } from '../../../../src/domain/offer.ts';
import type { Provider } from '../../../../src/ports/provider.ts';
import { failureOf, NODE_ID, order, sealNetwork, world } from '../harness.ts';
import { providerIn, stubMenu, stubPost } from './desk.ts';
import { DEPLOYED, HOSTNODES, WINNIPEG } from './examples.ts';

sealNetwork();

const VALIDATE = '/client/spot/validate/new';
/** On demand: 0.15 for the GPU, 0.024 for 8 vCPUs, 0.064 for 32 GB, beside the disk. */
const ON_DEMAND = 238_000;

/** The menu's one hostnode, read once more. */
async function read(provider: Provider): Promise<Offer> {
  stubMenu({ hostnodes: HOSTNODES });
  const [only] = await provider.offers();
  if (!only) throw new Error('the menu is empty');
  return only;
}

async function opened(parts = world()): Promise<{ provider: Provider; first: Offer }> {
  const provider = providerIn(parts);
  stubPost('/auth/test', { success: true });
  return { provider, first: await read(provider) };
}

function bidOf(offer: Offer, bidPerHour: number) {
  return order(offer, { bidPerHour });
}

test('a bid is tried first, and then deployed with', async () => {
  const { provider, first } = await opened();
  const tried = stubPost(VALIDATE, { success: true });
  const cost = { compute_price: 0.12, storage_price: 0.005, total_price: 0.125 };
  const deployed = stubPost('/client/deploy/single', { ...DEPLOYED, cost });
  expect(await provider.launch(bidOf(first, 120_000))).toEqual({ id: NODE_ID });
  expect(tried.fields).toEqual({
    hostnode: WINNIPEG,
    gpu_model: 'geforcertx3080-pcie-10gb',
    gpu_count: '1',
    vcpus: '8',
    ram: '32',
    storage: '100',
    price: '0.12',
  });
  expect(deployed.fields).toMatchObject({ price_type: 'spot', price: '0.12', vcpus: '8' });
});

test('nothing of a bid is sent on demand', async () => {
  const { provider, first } = await opened();
  const deployed = stubPost('/client/deploy/single', DEPLOYED);
  await provider.launch(order(first));
  expect(Object.keys(deployed.fields).filter((name) => name.startsWith('price'))).toEqual([]);
});

test.each([
  ['without a price', { success: false }, undefined],
  ['with a price', { success: true, will_succeed: false, suggested_price: 0.2 }, 200_000],
])(
  'a bid that is refused %s rents nothing, and the menu shows what is known',
  async (_, answer, minBid) => {
    const { provider, first } = await opened();
    stubPost(VALIDATE, answer);
    const failure = await failureOf(provider.launch(bidOf(first, 119_000)));
    expect(failure).toMatchObject({
      kind: 'no_capacity',
      outcome: 'not_done',
      isForOrderOnly: true,
    });
    if (minBid !== undefined) expect(failure.detail).toContain('0.2 USD an hour');
    stubPost(VALIDATE, { success: false });
    expect((await read(provider)).minBid).toBe(minBid);
  },
);

test('a deploy that finds the bid too low after all is a matter of this order alone', async () => {
  const { provider, first } = await opened();
  stubPost(VALIDATE, { success: true });
  stubPost('/client/deploy/single', { success: false, error: 'Spot price is too low' });
  expect(await failureOf(provider.launch(bidOf(first, 120_000)))).toMatchObject({
    kind: 'no_capacity',
    outcome: 'not_done',
    isForOrderOnly: true,
  });
});

test.each([
  ['wrong credentials', 200, { success: false, error: 'Invalid authorization' }, 'unauthorized'],
  ['a broken API', 500, '', 'unavailable'],
  ['nonsense', 200, { verdict: 'yes' }, 'malformed'],
])('a bid that meets %s rents nothing', async (_, status, answer, kind) => {
  const { provider, first } = await opened();
  stubPost(VALIDATE, answer, status);
  expect(await failureOf(provider.launch(bidOf(first, 120_000)))).toMatchObject({
    kind,
    outcome: 'not_done',
  });
});

test('the least bid is found by asking, a price a reading, beside the lists', async () => {
  const { provider } = await opened();
  const asked: (string | undefined)[] = [];
  for (const success of [false, true, false]) {
    const seen = stubPost(VALIDATE, { success });
    await read(provider);
    asked.push(seen.fields['price']);
  }
  expect(asked).toEqual(['0.119', '0.1785', '0.14875']);
  stubPost(VALIDATE, { success: true });
  expect((await read(provider)).minBid).toBe(163_625);
  // Near enough: nothing more is asked for.
  expect((await read(provider)).minBid).toBe(163_625);
});

test('what takes no bid at any price is asked for up to the price on demand, and left alone', async () => {
  const { provider } = await opened();
  const asked: (string | undefined)[] = [];
  for (let reading = 0; reading < 6; reading += 1) {
    const seen = reading < 5 ? stubPost(VALIDATE, { success: false }) : undefined;
    expect((await read(provider)).minBid).toBeUndefined();
    if (seen) asked.push(seen.fields['price']);
  }
  expect(asked.at(-1)).toBe(String(ON_DEMAND / 1_000_000));
});

test('what was heard of bids is forgotten after an hour', async () => {
  const parts = world();
  const { provider } = await opened(parts);
  stubPost(VALIDATE, { success: true, will_succeed: false, suggested_price: 0.12 });
  expect((await read(provider)).minBid).toBe(120_000);
  await parts.clock.advance(60 * 60_000);
  stubPost(VALIDATE, { success: false });
  expect((await read(provider)).minBid).toBeUndefined();
});

test('a price that is asked for in vain leaves the menu as it is', async () => {
  const { provider, first } = await opened();
  stubPost(VALIDATE, '<html>', 502);
  expect((await read(provider)).id).toBe(first.id);
});

test('where vCPUs and RAM cost beside a bid, the first machine is given back and later bids allow for them', async () => {
  const { provider, first } = await opened();
  stubPost(VALIDATE, { success: true });
  const cost = { compute_price: 0.208, storage_price: 0.005, total_price: 0.213 };
  stubPost('/client/deploy/single', { ...DEPLOYED, cost });
  expect(await failureOf(provider.launch(bidOf(first, 120_000)))).toMatchObject({
    kind: 'no_capacity',
    leftover: NODE_ID,
    isForOrderOnly: true,
  });
  const tried = stubPost(VALIDATE, { success: true });
  stubPost('/client/deploy/single', { ...DEPLOYED, cost });
  expect(await provider.launch(bidOf(first, 208_000))).toEqual({ id: NODE_ID });
  expect(tried.fields['price']).toBe('0.12');
  expect(await failureOf(provider.launch(bidOf(first, 88_000)))).toMatchObject({
    kind: 'no_capacity',
  });
});
