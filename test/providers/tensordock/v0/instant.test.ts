import { expect, test } from 'vitest';
import { priceWithDisk, totalPerHour } from '../../../../src/domain/offer.ts';
import { offer } from '../../../support/builders.ts';
import { failureOf, KEY, NODE_ID, order, sealNetwork, TAG } from '../harness.ts';
import { offersFrom, providerIn, stubGet, stubPost } from './desk.ts';
import { HOSTNODES, INSTANT_UUID, instantVms, WINNIPEG } from './examples.ts';

sealNetwork();

const NOTHING = { hostnodes: {} };
const INSTANT = { instantVm: INSTANT_UUID };

test('the documented Instant VM is an offer, with a size and a disk that are fixed', async () => {
  const offers = await offersFrom({ hostnodes: NOTHING, instantVms: instantVms() });
  expect(offers).toEqual([
    {
      id: `tensordock-instant-${INSTANT_UUID}`,
      provider: 'tensordock',
      api: 'tensordock-v0',
      providerId: INSTANT_UUID,
      gpuType: 'H100 SXM',
      gpuVendor: 'nvidia',
      // Everything is billed from the creation on; some two and a half minutes pass until the first login.
      startUp: {
        billedParts: ['gpu', 'cpu', 'ram', 'disk'],
        bootMs: 150_000,
        readyTimeoutMs: 360_000,
        serverReadyTimeoutMs: 2_700_000,
      },
      gpuCount: 1,
      vramGb: 80,
      price: { gpu: 2_920_000, cpu: 132_000, ram: 448_000, disk: 150_000 },
      diskMicroUsdPerGbHour: 100,
      includedDiskGb: 1500,
      minDiskGb: 1500,
      maxDiskGb: 1500,
      location: 'Dallas, Texas, United States',
      country: 'US',
      reliability: 0.9999,
      available: true,
      availabilityConfidence: 0.3,
      maxDurationHours: 0,
      fetchedAt: expect.any(Number),
      cpuCores: 22,
      ramGb: 112,
      machineId: '303d61a5-53a0-46b4-bee0-3bb1cbf29039',
      hostId: 'tensordock-host-303d61a5-53a0-46b4-bee0-3bb1cbf29039',
      maxOpenPorts: 1,
      interruptible: false,
      adapterData: INSTANT,
    },
  ]);
});

test('a price whose parts do not add up is the GPUs’ and the disk’s', async () => {
  const price = { compute_price: '3.5', storage_price: '0.15', vcpus_price: '9', ram_price: null };
  const [only] = await offersFrom({ hostnodes: NOTHING, instantVms: instantVms({ price }) });
  expect(only?.price).toEqual({ gpu: 3_500_000, cpu: 0, ram: 0, disk: 150_000 });
  expect(only && totalPerHour(priceWithDisk(only, 100))).toBe(3_650_000);
});

test.each([
  ['two kinds of GPU', { gpu_model: ['h100-sxm5-80gb', 'l40-pcie-48gb'] }],
  ['a GPU of no known memory', { gpu_model: ['mystery'] }],
  ['no price', { price: {} }],
  ['an uuid with a path in it', { uuid: '../x' }],
])('one with %s is left out, and nothing else', async (_, overrides) => {
  const lists = { hostnodes: HOSTNODES, instantVms: instantVms(overrides) };
  expect((await offersFrom(lists)).map(({ providerId }) => providerId)).toEqual([WINNIPEG]);
});

test('the menu does without them while their list cannot be read', async () => {
  const lists = { hostnodes: HOSTNODES, instantVms: { success: false, error: 'later' } };
  expect((await offersFrom(lists)).map(({ providerId }) => providerId)).toEqual([WINNIPEG]);
});

test.each([
  ['vm', { success: true, vm: NODE_ID }],
  ['server', { success: true, server: NODE_ID }],
])('a deploy names it in both documents’ words, and is answered with a %s', async (_, answer) => {
  const seen = stubPost('/client/deployinstant/single', answer);
  const call = providerIn().launch(order(offer({ adapterData: INSTANT }), { diskGb: 1500 }));
  expect(await call).toEqual({ id: NODE_ID });
  const { cloudinit_script: script, ...fields } = seen.fields;
  expect(fields).toEqual({
    instance_uuid: INSTANT_UUID,
    instant_vm: INSTANT_UUID,
    name: TAG,
    ssh_key: KEY,
  });
  expect(script?.split('\\n')).toContain('  - mkdir -p /root/.ssh');
});

test.each([
  ['Instant VM is no longer available', 'no_capacity'],
  ['Instant VM not found', 'not_found'],
  ['Insufficient balance', 'insufficient_funds'],
])('a deploy refused with "%s"', async (error, kind) => {
  stubPost('/client/deployinstant/single', { success: false, error });
  const call = providerIn().launch(order(offer({ adapterData: INSTANT })));
  expect(await failureOf(call)).toMatchObject({ kind, outcome: 'not_done' });
});

test.each([
  ['a bid', { bidPerHour: 1_000_000 }, 'invalid'],
  [
    'a port',
    { workload: { kind: 'entrypoint', image: 'nginx', ports: [80] } as const },
    'no_capacity',
  ],
])('one cannot be asked for with %s, and nothing is sent', async (_, wish, kind) => {
  const call = providerIn().launch(order(offer({ adapterData: INSTANT }), wish));
  expect(await failureOf(call)).toMatchObject({ kind, outcome: 'not_done' });
});

test('their list is asked for with the credentials', async () => {
  stubPost('/auth/test', { success: true });
  stubGet('/client/deploy/hostnodes', NOTHING);
  const seen = stubGet('/client/deploy/instantvms', instantVms());
  await providerIn().offers();
  expect(seen.query).toEqual({});
});
