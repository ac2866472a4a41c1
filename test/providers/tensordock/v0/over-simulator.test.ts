import { expect, test } from 'vitest';
import { agreedPrice } from '../../../../src/domain/billing.ts';
import { priceWithDisk, totalPerHour } from '../../../../src/domain/offer.ts';
import type { Provider } from '../../../../src/ports/provider.ts';
import { createTensordockV0Provider } from '../../../../src/providers/tensordock/v0/provider.ts';
import { WireError } from '../../../../src/providers/wire-fetch.ts';
import type { FacadeQuirks } from '../../../../src/simulator/model.ts';
import { playWire } from '../../../../src/simulator/wire.ts';
import { NO_FAULTS } from '../../../../src/simulator/wire-faults.ts';
import {
  BOOTED_MS,
  type DockWishes,
  type DockWorld,
  dockHost,
  dockWorld,
} from '../../../simulator/tensordock/dock-world.ts';
import { BASE_URL, failureOf, order, TAG, world as transportWorld } from '../harness.ts';

const MINUTE_MS = 60_000;

/** The adapter on its own clock, over the simulated market on another: what is sent and understood is what counts here. */
interface Case {
  readonly world: DockWorld;
  readonly provider: Provider;
  readonly power: NonNullable<Provider['power']>;
}

function caseOf(wishes: DockWishes = {}): Case {
  const world = dockWorld(wishes);
  const { market } = world;
  const fetch = playWire({
    facades: [world.v0],
    clock: market.clock,
    chance: market.chance.fork('wire'),
    faults: () => NO_FAULTS,
    asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
  });
  const provider = createTensordockV0Provider(
    { ...transportWorld(), fetch },
    {
      authId: market.credentials.tensordockAuthId,
      apiToken: market.credentials.tensordockToken,
      baseUrl: BASE_URL,
      defaultImage: 'ubuntu2204',
      defaultVcpus: 8,
      defaultRamGb: 32,
    },
  );
  if (!provider.power) throw new Error('the provider cannot stop machines');
  return { world, provider, power: provider.power };
}

async function offerOf({ provider }: Case, isInstant = false) {
  const offers = await provider.offers();
  const offer = offers.find(({ id }) => id.includes('instant') === isInstant);
  if (!offer) throw new Error('the menu lacks it');
  return offer;
}

async function booted(one: Case, overrides: Parameters<typeof order>[1] = {}): Promise<string> {
  const { id } = await one.provider.launch(order(await offerOf(one), overrides));
  one.world.advance(BOOTED_MS);
  return id;
}

async function seen({ provider }: Case, id: string) {
  const found = (await provider.list()).find((machine) => machine.id === id);
  if (!found) throw new Error('the list lacks it');
  return found;
}

test.each(['running', 'storage'] as const)(
  'a machine rests without its GPUs, for its disk’s price, and runs again, its price at rest told as that of %s',
  async (v0ReleasedPriceAs) => {
    const one = caseOf({ quirks: { v0ReleasedPriceAs } });
    const id = await booted(one);
    await one.power.stop(id);
    one.world.advance(MINUTE_MS);
    await one.power.stop(id);
    const resting = await seen(one, id);
    expect(resting).toMatchObject({ phase: 'stopped', tag: TAG });
    expect(resting.holdsGpus).toBeUndefined();
    const offer = await offerOf(one);
    const { billing } = one.provider;
    const price = agreedPrice(priceWithDisk(offer, 100), resting, billing);
    expect(billing.stopped.map((part) => price[part])).toEqual([5_000]);
    expect(one.world.market.rate(id)).toEqual({ gpu: 0, cpu: 0, ram: 0, disk: 0.005 });
    await one.power.start(id);
    await one.power.start(id);
    one.world.advance(BOOTED_MS);
    expect(await seen(one, id)).toMatchObject({ phase: 'running', totalPerHour: 493_000 });
  },
);

test('a machine that somebody stopped by hand holds its GPUs, until they are given back', async () => {
  const one = caseOf();
  const id = await booted(one);
  one.world.market.stopByMarket(id);
  one.world.advance(MINUTE_MS);
  expect(await seen(one, id)).toMatchObject({ phase: 'stopped', holdsGpus: true });
  await one.power.stop(id);
  expect((await seen(one, id)).holdsGpus).toBeUndefined();
});

test('a start whose GPUs are taken is refused, and nothing starts later', async () => {
  const one = caseOf({ hosts: [dockHost({ gpuCount: 1 })] });
  const id = await booted(one);
  await one.power.stop(id);
  one.world.advance(MINUTE_MS);
  const other = await booted(one, { tag: 'somebody-else' });
  expect(await failureOf(one.power.start(id))).toMatchObject({
    kind: 'no_capacity',
    outcome: 'not_done',
  });
  await one.provider.terminate(other);
  one.world.advance(BOOTED_MS);
  expect((await seen(one, id)).phase).toBe('stopped');
});

test('a start that waits for GPUs is withdrawn by a stop', async () => {
  const one = caseOf({
    hosts: [dockHost({ gpuCount: 1 })],
    quirks: { v0StartWithoutGpusAs: 'queued' },
  });
  const id = await booted(one);
  await one.power.stop(id);
  one.world.advance(MINUTE_MS);
  const other = await booted(one, { tag: 'somebody-else' });
  await one.power.start(id);
  await one.power.stop(id);
  await one.provider.terminate(other);
  one.world.advance(BOOTED_MS);
  expect((await seen(one, id)).phase).toBe('stopped');
});

/** The host takes 0.2 for the GPU; vCPUs and RAM of the default machine come to 0.088. */
const LEAST = 288_000;

async function learntMinBid(one: Case): Promise<number | undefined> {
  let minBid: number | undefined;
  for (let reading = 0; reading < 12; reading += 1) minBid = (await offerOf(one)).minBid;
  return minBid;
}

test.each<FacadeQuirks['v0SpotVerdictAs']>(['priced', 'bare'])(
  'the menu learns the least bid from verdicts that are %s',
  async (v0SpotVerdictAs) => {
    const one = caseOf({ hosts: [dockHost({ gpuCount: 1 })], quirks: { v0SpotVerdictAs } });
    expect((await offerOf(one)).minBid).toBeUndefined();
    const minBid = (await learntMinBid(one)) ?? 0;
    expect(minBid).toBeGreaterThanOrEqual(LEAST);
    expect(minBid).toBeLessThanOrEqual(v0SpotVerdictAs === 'priced' ? LEAST : LEAST + 488_000 / 16);
  },
);

test('a machine rented by bid costs the bid and its disk, and says that it can be taken away', async () => {
  const one = caseOf();
  const id = await booted(one, { bidPerHour: 300_000 });
  expect(await seen(one, id)).toMatchObject({ interruptible: true, totalPerHour: 305_000 });
  one.world.market.outbid(id);
  one.world.advance(MINUTE_MS);
  expect(await seen(one, id)).toMatchObject({ phase: 'stopped', stopCause: 'outbid' });
  expect((await seen(one, id)).holdsGpus).toBeUndefined();
});

test('where bids are for the GPUs alone, no machine is kept that costs more than was bid', async () => {
  const one = caseOf({ quirks: { v0BidBuys: 'gpus' } });
  const offer = await offerOf(one);
  const first = await failureOf(one.provider.launch(order(offer, { bidPerHour: 300_000 })));
  expect(first).toMatchObject({ kind: 'no_capacity', isForOrderOnly: true });
  const { leftover = '' } = first;
  expect(one.world.market.instance(leftover)?.label).toBe(TAG);
  await one.provider.terminate(leftover);
  one.world.advance(MINUTE_MS);
  const id = await booted(one, { bidPerHour: 300_000 });
  expect((await seen(one, id)).totalPerHour).toBe(305_000);
});

test('a bid below the market’s is refused before anything is rented', async () => {
  const one = caseOf({ quirks: { v0SpotVerdictAs: 'priced' } });
  const offer = await offerOf(one);
  const failure = await failureOf(one.provider.launch(order(offer, { bidPerHour: 200_000 })));
  expect(failure).toMatchObject({ kind: 'no_capacity', outcome: 'not_done' });
  expect(failure.detail).toContain('0.288 USD an hour');
  expect(one.world.market.instances()).toEqual([]);
  expect((await offerOf(one)).minBid).toBe(LEAST);
});

test.each<FacadeQuirks['v0InstantAs']>(['vm', 'server'])(
  'an Instant VM that is answered as a %s lets in, costs what the menu says, and leaves it',
  async (v0InstantAs) => {
    const one = caseOf({ hosts: [dockHost({ gpuCount: 1 })], quirks: { v0InstantAs } });
    const offer = await offerOf(one, true);
    const diskGb = offer.minDiskGb;
    const { id } = await one.provider.launch(order(offer, { diskGb }));
    one.world.advance(BOOTED_MS);
    const machine = await seen(one, id);
    expect(machine).toMatchObject({
      tag: TAG,
      phase: 'running',
      totalPerHour: totalPerHour(offer.price),
    });
    const { host = '', port = 0, user = '' } = machine.address ?? {};
    const { publicKey } = order(offer);
    const bare = publicKey.split(' ').slice(0, 2).join(' ');
    expect(one.world.market.knock({ host, port, user, publicKey: bare }).kind).toBe('open');
    expect(await one.provider.offers()).toEqual([]);
  },
);

test.each<FacadeQuirks['v0StorageExpensesAs']>(['apart', 'within'])(
  'charges over two months are the market’s own bill, with disks %s',
  async (v0StorageExpensesAs) => {
    const one = caseOf({ quirks: { v0StorageExpensesAs } });
    const id = await booted(one);
    one.world.advance(20 * 24 * 60 * MINUTE_MS);
    await one.power.stop(id);
    one.world.advance(10 * 24 * 60 * MINUTE_MS);
    await one.provider.terminate(id);
    one.world.advance(MINUTE_MS);
    const { clock } = one.world.market;
    const charges = await one.provider.charges?.({
      from: clock.now() - 31 * 24 * 60 * MINUTE_MS,
      to: clock.now(),
    });
    const bill = one.world.market.bill(id);
    const total = bill.gpu + bill.cpu + bill.ram + bill.disk;
    expect(charges).toEqual([{ id, total, traffic: 0 }]);
  },
);

test('keys that are revoked are told of by the menu, whose lists anybody may read', async () => {
  const one = caseOf();
  await offerOf(one);
  one.world.market.revokeKeys('tensordock');
  expect(await failureOf(one.provider.list())).toMatchObject({ kind: 'unauthorized' });
  expect(await failureOf(one.provider.offers())).toMatchObject({ kind: 'unauthorized' });
  one.world.market.restoreKeys('tensordock');
  expect(await one.provider.offers()).not.toEqual([]);
});
