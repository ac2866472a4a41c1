import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, until, untilStatus, wish } from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

interface Created {
  readonly session: { readonly id: string };
  readonly agent_token: string;
}

interface Diagnostics {
  readonly ssh_available: boolean;
  readonly note: string;
  readonly gpu_type: string;
  readonly gpu_count: number;
  readonly gpu?: readonly { readonly name: string; readonly memory_total_mb: number }[];
  readonly idle_minutes?: number;
}

let stage: Stage;
let broker: StagedBroker;

beforeAll(async () => {
  // At the pace of the world: a login takes as long as it takes, and has ten seconds for it.
  stage = await openStage({ ...SOON, speed: 1, bootScale: 0.02 });
  broker = await stage.startBroker({ deploymentId: 'machine1', tensordock: 'v2', crashAt: '' });
});
afterAll(() => stage.close());

/** A session that runs, as the answer to its creation told of it. */
async function rented(provider: string, fields: object = {}): Promise<Created> {
  const body = { ...(await wish(broker, provider)), ...fields };
  const created = await ask<Created>(broker, 'POST /sessions', body);
  expect(created.status).toBe(201);
  await untilStatus(broker, created.body.session.id, ['running']);
  return created.body;
}

const diagnose = (id: string) => ask<Diagnostics>(broker, `GET /sessions/${id}/diagnostics`);

describe('the machine of a session', () => {
  it.each(['vastai', 'tensordock'])('at %s shows the GPUs that were rented', async (provider) => {
    const { session, agent_token: token } = await rented(provider, { readiness: 'gpu' });
    const { status, body } = await diagnose(session.id);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ssh_available: true,
      driver_version: expect.stringMatching(/^\d+\.\d+/),
      cuda_version: expect.stringMatching(/^\d+\.\d+$/),
      disk_free_gb: expect.any(Number),
    });
    // `RTX 4090` is among the words of `NVIDIA GeForce RTX 4090`, and `A100` of `NVIDIA A100-SXM4-80GB`.
    const names = (body.gpu ?? []).map(({ name }) => name.replaceAll(/[ -]/g, ''));
    expect(names).toHaveLength(body.gpu_count);
    const [number = ''] = body.gpu_type.match(/[A-Z]*\d+/) ?? [];
    for (const name of names) expect(name).toContain(number);
    const heartbeat = { agent_token: token, gpu_utilization: 0 };
    const path = `POST /sessions/${session.id}/heartbeat`;
    expect(await ask(broker, path, heartbeat)).toEqual({
      status: 200,
      body: { idle_minutes: 0, idle_deadline: null },
    });
    expect(await ask(broker, path, { agent_token: `${token}x` })).toMatchObject({
      status: 401,
      body: { error_type: 'unauthorized' },
    });
    // One answer serves for two seconds; the next one knows of the agent.
    await until(
      broker,
      () => diagnose(session.id),
      (answer) => answer.body.idle_minutes === 0,
    );
    await ask(broker, `DELETE /sessions/${session.id}`);
    expect((await diagnose(session.id)).status).toBe(400);
    expect((await ask(broker, path, heartbeat)).status).toBe(409);
  });

  it('of a server is looked up where it serves, and is not logged in to', async () => {
    const workload = { launch_mode: 'entrypoint', docker_image: 'team/app:1.2' };
    const { session } = await rented('vastai', { ...workload, exposed_ports: [8080] });
    const { status, body } = await ask(broker, `GET /sessions/${session.id}/diagnostics`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ launch_mode: 'entrypoint', ssh_available: false });
    expect(body).not.toHaveProperty('ssh_host');
    const response = await fetch(String(body['api_endpoint']));
    expect(await response.json()).toEqual({ image: 'team/app:1.2' });
  });

  it('takes the caller’s own key, and is read by nobody else', async () => {
    const { public: publicKey } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const { session } = await rented('vastai', { ssh_public_key: publicKey });
    const { body } = await diagnose(session.id);
    expect(body).toMatchObject({
      ssh_available: true,
      note: expect.stringContaining("The host accepts the session's public key"),
    });
    expect(body).not.toHaveProperty('gpu');
  });
});

it('an agent needs no API token where the broker has some', async () => {
  const token = 'an-operators-token-of-32-letters';
  const guarded = await stage.startBroker({
    deploymentId: 'machine2',
    tensordock: 'v2',
    crashAt: '',
    settings: { API_TOKENS: `ops:${token}` },
  });
  const created = await untilRented(guarded, { authorization: `Bearer ${token}` });
  const path = `/sessions/${created.session.id}`;
  const beat = (agentToken: string) =>
    ask(guarded, `POST ${path}/heartbeat`, { agent_token: agentToken });
  expect(await beat(created.agent_token)).toMatchObject({ status: 200 });
  expect(await beat(token)).toMatchObject({ status: 401 });
  expect(await ask(guarded, `GET ${path}/diagnostics`)).toMatchObject({ status: 401 });
});

/** What a broker with tokens rents, once it has offers. */
async function untilRented(
  at: StagedBroker,
  headers: Readonly<Record<string, string>>,
): Promise<Created> {
  const body = JSON.stringify({
    consumer_id: 'e2e',
    requirements: { provider: 'vastai' },
    workload_type: 'ssh',
    reservation_hours: 1,
  });
  const create = async () => {
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
    const response = await fetch(`${at.url}/sessions`, { ...init, body });
    return { status: response.status, created: (await response.json()) as Created };
  };
  const answer = await until(at, create, ({ status }) => status === 201);
  return answer.created;
}
