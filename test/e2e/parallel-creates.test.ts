import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage, type StagedBroker } from './stage.ts';

const DEPLOYMENT_ID = 'parallel1';

let stage: Stage;
let broker: StagedBroker;
beforeAll(async () => {
  stage = await openStage();
  broker = await stage.startBroker({ deploymentId: DEPLOYMENT_ID, tensordock: 'v2', crashAt: '' });
});
afterAll(async () => {
  await stage.close();
});

describe('many creates at once', () => {
  it('with one Idempotency-Key, a thousand times: one instance, and the same answer for all', async () => {
    const offerId = await cheapestSingle();
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () => create(offerId, { 'idempotency-key': 'one-key' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(new Set(answers.map(({ key }) => key)).size).toBe(1);
    expect(await stage.instancesOf(DEPLOYMENT_ID)).toHaveLength(1);
  });

  it('for one machine, a hundred of them: one gets it, the others are told that it is gone', async () => {
    const before = (await stage.instancesOf(DEPLOYMENT_ID)).length;
    const offerId = await cheapestSingle();
    const answers = await Promise.all(Array.from({ length: 100 }, () => create(offerId, {})));
    const statuses = answers.map(({ status, errorType }) => `${status} ${errorType ?? ''}`.trim());
    expect(statuses.filter((status) => status === '201')).toHaveLength(1);
    expect(new Set(statuses.filter((status) => status !== '201'))).toEqual(
      new Set(['503 stale_inventory']),
    );
    expect(await stage.instancesOf(DEPLOYMENT_ID)).toHaveLength(before + 1);
  });
});

interface Answer {
  readonly status: number;
  readonly id: string | undefined;
  readonly key: string | undefined;
  readonly errorType: string | undefined;
}

/** A machine with one GPU, so that it can be rented once. */
async function cheapestSingle(): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const page = await fetch(`${broker.url}/offers?provider=vastai&limit=1000`);
    const { offers } = (await page.json()) as {
      offers: { id: string; gpu_count: number; machine_id: string }[];
    };
    const slices = new Map<string, number>();
    for (const { machine_id } of offers) slices.set(machine_id, (slices.get(machine_id) ?? 0) + 1);
    const single = offers.find(
      ({ gpu_count, machine_id }) => gpu_count === 1 && slices.get(machine_id) === 1,
    );
    if (single) return single.id;
    await sleep(100);
  }
  throw new Error('no machine with one GPU is on offer');
}

async function create(offerId: string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${broker.url}/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      consumer_id: 'parallel',
      offer_id: offerId,
      workload_type: 'ssh',
      reservation_hours: 12,
    }),
  });
  const body = (await response.json()) as {
    session?: { id: string };
    ssh_private_key?: string;
    error_type?: string;
  };
  return {
    status: response.status,
    id: body.session?.id,
    key: body.ssh_private_key,
    errorType: body.error_type,
  };
}
