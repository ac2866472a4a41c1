import { describe, expect, it } from 'vitest';
import {
  type Answer,
  aHost,
  askOf,
  CREATE,
  create,
  openShop,
  type Shop,
  search,
  show,
  untilRunning,
} from './shop.ts';

function ask(
  shop: Shop,
  overrides: Record<string, unknown> = {},
  askId = askOf(1),
): Promise<Answer> {
  return shop.put(`/api/v0/asks/${askId}/`, { ...CREATE, ...overrides });
}

const STALE_400 = {
  success: false,
  error: 'invalid_args',
  msg: `error 404/3603: no_such_ask  Instance type by id ${askOf(1)} is not available.`,
  ask_id: askOf(1),
};
const STALE_410 = {
  success: false,
  error: 'no_such_ask',
  msg: `error 410/3907: no_such_ask Instance type ${askOf(1)} is no longer available.`,
  ask_id: askOf(1),
};

describe('a create', () => {
  it('says which contract it made, with a secret beside it', async () => {
    const shop = openShop();
    const answer = await ask(shop);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      success: true,
      new_contract: expect.any(Number),
      instance_api_key: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(shop.market.instances()).toMatchObject([
      { id: String(answer.json['new_contract']), label: CREATE['label'], gpuCount: 1, diskGb: 60 },
    ]);
  });

  it('is not idempotent: sent twice it rents twice', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 2 })] });
    const first = await create(shop);
    const second = await create(shop);
    expect(second).not.toBe(first);
    expect(shop.market.instances()).toHaveLength(2);
  });

  it('echoes what the renter wrote', async () => {
    const shop = openShop();
    const id = await create(shop, {
      env: { TOKEN: 's3cret', '-p 8000:8000': '1' },
      onstart: 'touch ~/.no_auto_tmux',
      args: ['--port', '1'],
    });
    expect(await show(shop, id)).toMatchObject({
      extra_env: [
        ['TOKEN', 's3cret'],
        ['-p 8000:8000', '1'],
      ],
      onstart: 'touch ~/.no_auto_tmux',
      image_uuid: 'pytorch/pytorch:2.7.0',
      image_args: ['--port', '1'],
      image_runtype: 'ssh_direc ssh_proxy',
      label: CREATE['label'],
    });
  });

  it('silently ignores an environment in the form of docker flags', async () => {
    const shop = openShop();
    const id = await create(shop, { env: '-e TOKEN=s3cret -p 80:80' });
    expect(await show(shop, id)).toMatchObject({ extra_env: [] });
  });

  it.each([
    ['no runtype', { runtype: undefined }, 'ssh_proxy'],
    ['args alone', { runtype: undefined, args_str: '--x' }, 'args'],
    ['ssh_proxy', { runtype: 'ssh_proxy' }, 'ssh_proxy'],
    ['the stored form', { runtype: 'ssh_direc ssh_proxy' }, 'ssh_direc ssh_proxy'],
    ['jupyter_direct', { runtype: 'jupyter_direct' }, 'jupyter_direc ssh_direc ssh_proxy'],
  ])('stores %s in its own words', async (_, overrides, stored) => {
    const shop = openShop();
    expect(await show(shop, await create(shop, overrides))).toMatchObject({
      image_runtype: stored,
    });
  });

  it('makes a stopped instance when that is the target', async () => {
    const shop = openShop();
    const id = await create(shop, { target_state: 'stopped' });
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({
      intended_status: 'stopped',
      cur_state: 'stopped',
    });
  });
});

describe('a create is refused as stale', () => {
  it.each([
    ['400', 400, STALE_400],
    ['410', 410, STALE_410],
  ] as const)(
    'in the form of a %s when the listing cannot be rented',
    async (form, status, body) => {
      const shop = openShop({
        hosts: [aHost({ nature: 'stale' })],
        quirks: { staleOfferAs: form },
      });
      expect(await search(shop)).toHaveLength(1);
      expect(await ask(shop)).toMatchObject({ status, json: body });
      expect(shop.market.instances()).toEqual([]);
    },
  );

  it('when the GPUs are taken meanwhile', async () => {
    const shop = openShop();
    await create(shop);
    expect(await ask(shop)).toMatchObject({ status: 400, json: STALE_400 });
  });

  it('when a sibling slice took the GPUs', async () => {
    const shop = openShop({ hosts: [aHost({ gpuCount: 2 })] });
    await create(shop, {}, askOf(1));
    expect((await ask(shop, {}, askOf(2))).json['ask_id']).toBe(askOf(2));
    expect((await ask(shop, {}, askOf(1))).json['success']).toBe(true);
  });

  it('when no such ask ever was', async () => {
    expect((await ask(openShop(), {}, 99)).json).toMatchObject({
      error: 'invalid_args',
      ask_id: 99,
    });
  });
});

describe('a create is refused', () => {
  const tooLong =
    'error 400/3471: Invalid args: len(image) > 1024, or len(args) > 16384, or len(label) > 256';

  it.each([
    ['without an image', { image: undefined }, "error 400/3467: Invalid args: 'image' is required"],
    ['with a long image', { image: 'x'.repeat(1_025) }, tooLong],
    ['with a long label', { label: 'x'.repeat(257) }, tooLong],
    ['with long scripts', { args_str: 'x'.repeat(16_000), onstart: 'x'.repeat(400) }, tooLong],
    ['below the least disk', { disk: 7 }, expect.stringContaining('disk')],
    ['above the disk that is there', { disk: 801 }, expect.stringContaining('disk')],
    ['with a runtype that nobody knows', { runtype: 'telnet' }, expect.stringContaining('runtype')],
    ['with a long variable', { env: { ['x'.repeat(257)]: '' } }, expect.stringContaining('env')],
    [
      'with a template that is gone',
      { template_hash_id: 'beef' },
      expect.stringContaining('template'),
    ],
  ])('%s', async (_, overrides, msg) => {
    const shop = openShop();
    expect(await ask(shop, overrides)).toMatchObject({
      status: 400,
      json: { success: false, error: 'invalid_args', msg },
    });
    expect(shop.market.instances()).toEqual([]);
  });

  it('accepts the longest label', async () => {
    const shop = openShop();
    const label = 'x'.repeat(256);
    expect(await show(shop, await create(shop, { label }))).toMatchObject({ label });
  });

  it('without an offer id', async () => {
    expect((await openShop().put('/api/v0/asks/first/', CREATE)).json).toMatchObject({
      error: 'invalid_args',
      msg: expect.stringContaining("400/3467: Invalid args: 'id' is required"),
    });
  });

  it('without credit', async () => {
    const shop = openShop({ credit: { vastai: 0, tensordock: 0 } });
    expect(await ask(shop)).toMatchObject({
      status: 400,
      json: {
        success: false,
        error: 'insufficient_credit',
        msg: 'Your account lacks credit; see the billing page.',
      },
    });
  });

  it('with a server error when the image has an empty tag', async () => {
    expect(await ask(openShop(), { image: 'pytorch/pytorch:' })).toMatchObject({
      status: 500,
      json: { success: false, error: 'server_error' },
    });
  });

  it('for a virtual machine of an account without a key', async () => {
    const shop = openShop();
    const image = 'docker.io/vastai/kvm:ubuntu';
    expect((await ask(shop, { image })).json).toMatchObject({ error: 'no_ssh_key_for_vm' });
    await shop.post('/api/v0/ssh/', { ssh_key: 'ssh-ed25519 AAAA ops' });
    expect((await ask(shop, { image })).json).toMatchObject({ success: true });
  });
});

describe('a bid', () => {
  it('that is high enough rents by that price', async () => {
    const shop = openShop();
    const id = await create(shop, { price: 0.2, cancel_unavail: false });
    await untilRunning(shop);
    expect(await show(shop, id)).toMatchObject({
      is_bid: true,
      actual_status: 'running',
      dph_base: 0.2,
      instance: { gpuCostPerHour: 0.2 },
    });
  });

  it('that is too low is a failure, and leaves a stopped instance whose disk is billed', async () => {
    const shop = openShop();
    const answer = await ask(shop, { price: 0.1, cancel_unavail: false });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ success: false, new_contract: expect.any(Number) });
    await untilRunning(shop);
    const id = String(answer.json['new_contract']);
    expect(await show(shop, id)).toMatchObject({
      cur_state: 'stopped',
      next_state: 'stopped',
      intended_status: 'stopped',
      instance: { gpuCostPerHour: 0, diskHour: 0.0125, totalHour: 0.0125 },
    });
    expect(shop.market.bill(id).disk).toBeGreaterThan(0);
  });

  it('that is too low makes nothing when what is unavailable is to be cancelled', async () => {
    const shop = openShop();
    expect((await ask(shop, { price: 0.1 })).json).toMatchObject(STALE_400);
    expect(shop.market.instances()).toEqual([]);
  });

  it.each([0.000_9, 128.1])('of %d is out of range', async (price) => {
    expect(await ask(openShop(), { price })).toMatchObject({
      status: 400,
      json: { success: false, error: 'invalid_price' },
    });
  });

  it('is not meant by a price of null', async () => {
    const shop = openShop();
    expect(await show(shop, await create(shop, { price: null }))).toMatchObject({ is_bid: false });
  });
});
