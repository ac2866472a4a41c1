import { afterEach, describe, expect, test } from 'vitest';
import { BrokerError } from '../../src/domain/errors.ts';
import type { SessionRequest } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { ServerWorkload } from '../../src/domain/workload.ts';
import { type BrokerWorld, brokerWorld, type WorldSetUp } from '../support/broker-world.ts';
import { offer, request } from '../support/builders.ts';
import { LOADING } from '../support/fake-probe.ts';
import { fakeProvider, refused } from '../support/fake-provider.ts';
import { manualClock } from '../support/manual-clock.ts';

const MODEL: ServerWorkload = {
  kind: 'entrypoint',
  image: 'vllm/vllm-openai:v1',
  model: { server: 'vllm', modelId: 'owner/name' },
  ports: [8000],
};
const SERVER: Partial<SessionRequest> = { workload: MODEL };
const OPEN = [
  { internal: 9000, host: '198.51.100.7', port: 40_900 },
  { internal: 8000, host: '198.51.100.7', port: 40_800 },
];

let open: BrokerWorld | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

/** A world whose machines show these ports. */
async function world(setUp: WorldSetUp = {}, ports = OPEN): Promise<BrokerWorld> {
  open = await brokerWorld(setUp);
  open.provider.onLaunch = (instance) => {
    instance.openPorts = ports;
  };
  return open;
}

async function refusalOf(creating: Promise<unknown>): Promise<BrokerError> {
  const error: unknown = await creating.catch((caught: unknown) => caught);
  if (error instanceof BrokerError) return error;
  throw new Error(`not refused: ${String(error)}`);
}

describe('a session of a server', () => {
  test('runs when its workload answers, at the port that leads to it', async () => {
    const { create, clock, session, probe, kinds } = await world();
    const created = await create(SERVER);
    await clock.advance(10 * SECOND_MS);
    const stored = await session(created.session.id);
    expect(stored.status).toBe('running');
    expect(stored.instances[0]?.endpoint).toEqual({ host: '198.51.100.7', port: 40_800 });
    expect(probe.targets).toEqual([
      { host: '198.51.100.7', port: 40_800, path: '/health', accepts: 'ok' },
    ]);
    expect(kinds()).toContain('service_located');
    expect(kinds()).toContain('service_proven');
  });

  test('asks for no login: no key is put in, and no address of one is kept', async () => {
    const { create, clock, session, shell, provider, kinds } = await world();
    const { session: made, privateKey } = await create(SERVER);
    await clock.advance(10 * SECOND_MS);
    expect(provider.count('grantAccess')).toBe(0);
    expect(shell.logins).toEqual([]);
    expect((await session(made.id)).instances[0]?.address).toBeUndefined();
    expect(kinds()).not.toContain('instance_located');
    expect(privateKey).toBeDefined();
  });

  test('asks any other program at its root, and takes every answer that is no failure', async () => {
    const { create, clock, probe } = await world();
    await create({ workload: { kind: 'entrypoint', image: 'team/app:1', ports: [9000, 8000] } });
    await clock.advance(10 * SECOND_MS);
    expect(probe.targets[0]).toEqual({
      host: '198.51.100.7',
      port: 40_900,
      path: '/',
      accepts: 'any',
    });
  });

  test('waits while the model is loaded, and says running only then', async () => {
    const { create, clock, session, probe } = await world();
    probe.answer = LOADING;
    const created = await create(SERVER);
    await clock.advance(5 * MINUTE_MS);
    expect((await session(created.session.id)).status).toBe('provisioning');
    probe.answer = { kind: 'serving', status: 200 };
    await clock.advance(5 * SECOND_MS);
    const running = await session(created.session.id);
    expect(running.status).toBe('running');
    expect(running.runningAt).toBeGreaterThan(created.session.createdAt + 5 * MINUTE_MS);
  });

  test('is given the provider’s budget for servers, and no longer', async () => {
    const clock = manualClock();
    const budget = { readyTimeoutMs: 2 * MINUTE_MS, serverReadyTimeoutMs: 20 * MINUTE_MS };
    const provider = fakeProvider({ clock, menu: [offer()], ...budget });
    const { create, session, probe } = await world({ clock, providers: [provider] });
    probe.answer = LOADING;
    const created = await create(SERVER);
    await clock.advance(19 * MINUTE_MS);
    expect((await session(created.session.id)).status).toBe('provisioning');
    await clock.advance(2 * MINUTE_MS);
    const failed = await session(created.session.id);
    expect(failed.status).toBe('failed');
    expect(failed.error).toEqual({
      code: 'never_ready',
      message: 'the workload did not answer over HTTP in the time that it was given',
    });
    expect(provider.instances.every(({ isGone }) => isGone)).toBe(true);
  });

  test('is given the time that the caller set, where there is one', async () => {
    const { create, clock, session, probe } = await world();
    probe.answer = LOADING;
    const created = await create({ ...SERVER, readyTimeoutMs: 3 * MINUTE_MS });
    await clock.advance(4 * MINUTE_MS);
    expect((await session(created.session.id)).status).toBe('failed');
  });

  test('asks for the one machine where the list shows no ports', async () => {
    const { create, clock, session, provider } = await world({}, []);
    const created = await create(SERVER);
    await clock.advance(20 * SECOND_MS);
    expect(provider.count('get')).toBeGreaterThan(0);
    expect((await session(created.session.id)).status).toBe('provisioning');
    for (const instance of provider.instances) instance.openPorts = OPEN;
    await clock.advance(10 * SECOND_MS);
    expect((await session(created.session.id)).status).toBe('running');
  });

  test('is shown at its new port when the machine came up elsewhere', async () => {
    const { create, clock, session, provider } = await world();
    const created = await create(SERVER);
    await clock.advance(10 * SECOND_MS);
    for (const instance of provider.instances) {
      instance.openPorts = [{ internal: 8000, host: '198.51.100.7', port: 41_800 }];
    }
    await clock.advance(10 * SECOND_MS);
    const moved = await session(created.session.id);
    expect(moved.status).toBe('running');
    expect(moved.instances[0]?.endpoint).toEqual({ host: '198.51.100.7', port: 41_800 });
  });

  test('keeps its endpoint when a list shows no ports at all', async () => {
    const { create, clock, session, provider } = await world();
    const created = await create(SERVER);
    await clock.advance(10 * SECOND_MS);
    for (const instance of provider.instances) instance.openPorts = undefined;
    await clock.advance(20 * SECOND_MS);
    expect((await session(created.session.id)).instances[0]?.endpoint?.port).toBe(40_800);
  });

  test('goes on being asked after a restart of the broker, once even when its time is over', async () => {
    const one = await world();
    one.probe.answer = LOADING;
    const created = await one.create({ ...SERVER, readyTimeoutMs: 10 * MINUTE_MS });
    await one.clock.advance(MINUTE_MS);
    const stopping = one.broker.stop();
    await one.clock.advance(20 * MINUTE_MS);
    await stopping;
    one.probe.answer = { kind: 'serving', status: 200 };
    await one.restart('killed');
    await one.clock.advance(10 * SECOND_MS);
    expect((await one.session(created.session.id)).status).toBe('running');
  });

  test('moves on to another offer when the first machine never serves', async () => {
    const clock = manualClock();
    const menu = [offer(), offer({ id: 'alpha-2', providerId: '2' })];
    const provider = fakeProvider({ clock, menu });
    const { create, session, probe } = await world({ clock, providers: [provider] });
    probe.answer = { kind: 'silent', reason: 'unreachable' };
    const choice = {
      kind: 'offer-or-like',
      offerId: 'alpha-1',
      scope: 'same_gpu',
      maxRetries: 1,
    } as const;
    const created = await create({ ...SERVER, choice, readyTimeoutMs: 2 * MINUTE_MS });
    await clock.advance(150 * SECOND_MS);
    probe.answer = { kind: 'serving', status: 200 };
    await clock.advance(20 * SECOND_MS);
    const stored = await session(created.session.id);
    expect(stored.status).toBe('running');
    expect(stored.instances.map(({ offer: { id } }) => id)).toEqual(['alpha-1', 'alpha-2']);
  });

  test('has what it runs in the launch order', async () => {
    const { create, provider } = await world();
    const orders: unknown[] = [];
    const { launch } = provider;
    provider.launch = (order) => {
      orders.push(order.workload);
      return launch(order);
    };
    await create(SERVER);
    expect(orders).toEqual([MODEL]);
  });
});

describe('ports', () => {
  const THREE: ServerWorkload = { ...MODEL, ports: [8000, 8001, 8002] };

  test('that a given offer cannot open are refused with the number that it can', async () => {
    const clock = manualClock();
    const providers = [fakeProvider({ clock, menu: [offer({ maxOpenPorts: 3 })] })];
    const { create } = await world({ clock, providers });
    const refusal = await refusalOf(create({ workload: THREE }));
    expect(refusal.code).toBe('validation_error');
    expect(refusal.details['details']).toEqual([
      { path: 'exposed_ports', message: expect.stringContaining('at most 2 ports for this offer') },
    ]);
  });

  test('that a given offer has none of are refused, also where nobody named one', async () => {
    const clock = manualClock();
    const providers = [fakeProvider({ clock, menu: [offer({ maxOpenPorts: 0 })] })];
    const { create } = await world({ clock, providers });
    const refusal = await refusalOf(create(SERVER));
    expect(refusal.message).toContain('exposed_ports cannot be opened by this offer');
  });

  test('leave only offers that can open them, one more for the machine itself', async () => {
    const clock = manualClock();
    const menu = [offer({ maxOpenPorts: 3 }), offer({ id: 'alpha-2', maxOpenPorts: 4 })];
    const { create } = await world({ clock, providers: [fakeProvider({ clock, menu })] });
    const choice = { kind: 'requirements', filter: {}, prefer: 'price' } as const;
    const { session: made } = await create({ workload: THREE, choice });
    expect(made.instances[0]?.offer.id).toBe('alpha-2');
  });

  test('that no fitting offer can open are said to be the reason', async () => {
    const clock = manualClock();
    const providers = [fakeProvider({ clock, menu: [offer({ maxOpenPorts: 1 })] })];
    const { create } = await world({ clock, providers });
    const choice = { kind: 'requirements', filter: {}, prefer: 'price' } as const;
    const refusal = await refusalOf(create({ workload: THREE, choice }));
    expect(refusal.code).toBe('no_matching_offer');
    expect(refusal.message).toContain('ports');
  });
});

describe('the disk', () => {
  const BIG: ServerWorkload = {
    ...MODEL,
    model: { server: 'vllm', modelId: 'owner/Big-236B', quantization: 'awq' },
  };
  const { diskGb: _, ...bare } = request();

  function ask(one: BrokerWorld, wish: object) {
    const creating = one.broker.sessions.create({ request: { ...bare, ...wish } });
    creating.catch(() => {});
    return one.clock.advance(SECOND_MS).then(() => creating);
  }

  test('is 50 GB where nobody says otherwise', async () => {
    const { session: made } = await ask(await world(), SERVER);
    expect(made.request.diskGb).toBe(50);
  });

  test('grows with the model that the name tells of, and so does the price', async () => {
    const { session: made } = await ask(await world(), { workload: BIG });
    expect(made.request.diskGb).toBe(160);
    expect(made.instances[0]).toMatchObject({ diskGb: 160, price: { disk: 64_000 } });
  });

  test('that is too small for the model is refused with the numbers', async () => {
    const refusal = await refusalOf(ask(await world(), { workload: BIG, diskGb: 100 }));
    expect(refusal.code).toBe('insufficient_disk');
    expect(refusal.details).toEqual({
      requested_gb: 100,
      required_gb: 132,
      model_gb: 118,
      image_gb: 10,
    });
  });

  test('that the model needs and the offer cannot give is refused with both numbers', async () => {
    const clock = manualClock();
    const providers = [fakeProvider({ clock, menu: [offer({ maxDiskGb: 90 })] })];
    const refusal = await refusalOf(ask(await world({ clock, providers }), { workload: BIG }));
    expect(refusal.code).toBe('insufficient_disk');
    expect(refusal.details).toMatchObject({
      available_gb: 90,
      requested_gb: 160,
      required_gb: 132,
    });
  });

  test('of a model that fits on none is refused', async () => {
    const model = { server: 'vllm', modelId: 'owner/Huge-9000B' } as const;
    const refusal = await refusalOf(ask(await world(), { workload: { ...BIG, model } }));
    expect(refusal).toMatchObject({ code: 'insufficient_disk' });
    expect(refusal.details['required_gb']).toBeGreaterThan(10_000);
  });
});

describe('a template', () => {
  const HASH = 'a8a44c7363cbca20056020397e3bf072';
  const { diskGb: _, ...bare } = request();
  const TEMPLATE = {
    id: 7,
    hashId: HASH,
    name: 'Ollama',
    image: 'vastai/ollama',
    onStart: 'entrypoint.sh',
    usesSsh: true,
    isRecommended: true,
    recommendedDiskGb: 80,
    extraFilters: '{"gpu_ram": {"gte": 20000}}',
  };

  async function templateWorld(menu = [offer({ facts: { gpu_ram: 24_564 } })]) {
    const clock = manualClock();
    const provider = fakeProvider({ clock, menu });
    const templates = {
      recommended: async () => [TEMPLATE],
      find: async (hashId: string) => (hashId === HASH ? TEMPLATE : undefined),
    };
    return world({ clock, providers: [{ ...provider, templates }] });
  }

  function ask(one: BrokerWorld, wish: object) {
    const creating = one.broker.sessions.create({ request: { ...bare, ...wish } });
    creating.catch(() => {});
    return one.clock.advance(SECOND_MS).then(() => creating);
  }

  test('is kept with the request as it was, and gives the disk that it recommends', async () => {
    const { session: made } = await ask(await templateWorld(), { templateHashId: HASH });
    expect(made.request.diskGb).toBe(80);
    expect(made.request.workload).toEqual({
      kind: 'ssh',
      template: {
        hashId: HASH,
        onStart: 'entrypoint.sh',
        conditions: [{ field: 'gpu_ram', operator: 'gte', wanted: 20_000 }],
      },
    });
  });

  test('that nobody knows is not found', async () => {
    const wish = { templateHashId: 'b8a44c7363cbca20056020397e3bf072' };
    expect((await refusalOf(ask(await templateWorld(), wish))).code).toBe('not_found');
  });

  test('does not go with a disk that is smaller than it recommends', async () => {
    const refusal = await refusalOf(
      ask(await templateWorld(), { templateHashId: HASH, diskGb: 50 }),
    );
    expect(refusal).toMatchObject({
      code: 'insufficient_disk',
      details: { requested_gb: 50, required_gb: 80 },
    });
  });

  test('does not go with an offer that it does not run on, and the reason is named', async () => {
    const one = await templateWorld([offer({ facts: { gpu_ram: 12_000 } })]);
    const refusal = await refusalOf(ask(one, { templateHashId: HASH }));
    expect(refusal.code).toBe('no_matching_offer');
    expect(refusal.message).toContain('gpu_ram gte 20000');
  });

  test('does not go with an offer of a marketplace without templates', async () => {
    const one = await templateWorld([offer()]);
    const refusal = await refusalOf(ask(one, { templateHashId: HASH }));
    expect(refusal.code).toBe('validation_error');
    expect(refusal.details['details']).toEqual([
      { path: 'template_hash_id', message: expect.stringContaining('has templates') },
    ]);
  });

  test('narrows requirements to offers that it runs on', async () => {
    const choice = { kind: 'requirements', filter: {}, prefer: 'price' } as const;
    const menu = [
      offer({ facts: { gpu_ram: 12_000 } }),
      offer({ id: 'alpha-2' }),
      offer({ id: 'alpha-3', facts: { gpu_ram: 24_564 } }),
    ];
    const { session: made } = await ask(await templateWorld(menu), {
      templateHashId: HASH,
      choice,
    });
    expect(made.instances[0]?.offer.id).toBe('alpha-3');
  });

  test('holds for the offers that are tried after the first as well', async () => {
    const menu = [
      offer({ facts: { gpu_ram: 24_564 } }),
      offer({ id: 'alpha-2', facts: { gpu_ram: 12_000 } }),
      offer({ id: 'alpha-3', facts: { gpu_ram: 30_000 } }),
    ];
    const one = await templateWorld(menu);
    one.provider.fault('launch', refused('no_capacity'));
    const choice = {
      kind: 'offer-or-like',
      offerId: 'alpha-1',
      scope: 'any',
      maxRetries: 2,
    } as const;
    const { session: made } = await ask(one, { templateHashId: HASH, choice });
    const stored = await one.session(made.id);
    expect(stored.instances.map(({ offer: { id } }) => id)).toEqual(['alpha-1', 'alpha-3']);
  });
});
