import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkedFetch } from './checked-fetch.ts';
import { openStage, type Stage, type StagedBroker } from './stage.ts';

/**
 * `kill -9` before and after each call that a launch makes to the world, one by one. After a restart: nothing is left
 * alive that nobody wants, nothing was rented twice, and no session is stuck.
 */
const PROVIDER_CALLS = [
  'provider.launch:before:1',
  'provider.launch:after:1',
  'provider.grantAccess:before:1',
  'provider.grantAccess:after:1',
  'provider.get:before:1',
  'provider.get:after:1',
  'shell.prove:before:1',
  'shell.prove:after:1',
];

/** The same whatever the provider is: the commits of a launch, from the session to the login. */
const STORE_CALLS = [
  'store.create:before:1',
  'store.create:after:1',
  ...[1, 2, 3, 4, 5, 6].flatMap((nth) => [`store.save:before:${nth}`, `store.save:after:${nth}`]),
];

/** Where an adapter of another API differs in what it does, and when. */
const LAUNCH_CALLS = PROVIDER_CALLS.slice(0, 4);

const APIS = [
  {
    api: 'vastai',
    tensordock: 'v2',
    query: 'provider=vastai',
    calls: [...STORE_CALLS, ...PROVIDER_CALLS],
  },
  {
    api: 'tensordock-v2',
    tensordock: 'v2',
    query: 'provider=tensordock',
    calls: LAUNCH_CALLS,
  },
  {
    api: 'tensordock-v0',
    tensordock: 'v0',
    query: 'provider=tensordock',
    calls: LAUNCH_CALLS,
  },
] as const;

const CASES = APIS.flatMap(({ calls, ...api }) => calls.map((crashAt) => ({ ...api, crashAt })));

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.close();
});

describe('a broker killed during a launch', () => {
  it.concurrent.each(CASES.map((one, index) => ({ ...one, index })))(
    'on $api at $crashAt leaves nothing, rents once, and gets unstuck',
    async (one) => {
      const deploymentId = `kill${one.index}`;
      const options = { deploymentId, tensordock: one.tensordock };
      const first = await stage.startBroker({ ...options, crashAt: one.crashAt });
      const body = await chooseOffer(first, one.query);
      const key = `key-${one.index}`;
      const early = await rent(first, { body, key }).catch(() => undefined);
      // Where the launch goes through, the call to be killed at comes later or, such as a look that is not needed, never.
      const end = await Promise.race([
        first.running.ended(),
        untilSettled(first, early?.session.id),
      ]);
      if (end === 'settled') await first.running.kill('SIGKILL');

      const second = await stage.startBroker({ ...options, crashAt: '' });
      const again = await rent(second, { body, key });
      if (early) expect(again.ssh_private_key).toBe(early.ssh_private_key);
      const status = await untilSettled(second, again.session.id).then(() =>
        statusOf(second, again.session.id),
      );
      expect(['running', 'failed']).toContain(status);
      const rented = await stage.instancesOf(deploymentId);
      expect(new Set(rented.map(({ label }) => label)).size).toBe(rented.length);
      expect(rented.filter(({ state }) => state !== 'gone')).toHaveLength(
        status === 'running' ? 1 : 0,
      );

      await untilGone(second, again.session.id);
      const left = await stage.instancesOf(deploymentId);
      expect(left.filter(({ state }) => state !== 'gone')).toEqual([]);
      await second.running.kill('SIGTERM');
    },
    180_000,
  );
});

interface Answer {
  readonly session: { readonly id: string };
  readonly ssh_private_key: string;
}

async function chooseOffer({ url }: StagedBroker, query: string): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    const page = (await (await checkedFetch(`${url}/offers?${query}&limit=1000`)).json()) as {
      offers: { id: string; gpu_count: number }[];
    };
    const offers = page.offers.filter((offer) => offer.gpu_count === 1);
    const offer = offers[Math.floor(Math.random() * offers.length)];
    if (offer) {
      return JSON.stringify({
        consumer_id: 'e2e',
        offer_id: offer.id,
        workload_type: 'ssh',
        reservation_hours: 12,
      });
    }
    await sleep(100);
  }
  throw new Error('the menu stayed empty');
}

async function rent(
  { url, running }: StagedBroker,
  { body, key }: { readonly body: string; readonly key: string },
): Promise<Answer> {
  let refusal = '';
  for (let tries = 0; tries < 300; tries += 1) {
    const response = await checkedFetch(`${url}/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body,
    });
    const text = await response.text();
    if (response.status === 201) return JSON.parse(text) as Answer;
    refusal = `${response.status} ${text}`;
    // Right after a start the menu may lack the offer, for as long as its provider has not been read.
    if (!text.includes('"not_ready"') && !text.includes('"not_found"')) break;
    await sleep(100);
  }
  throw new Error(`${refusal}\n${running.log()}`);
}

async function statusOf({ url }: StagedBroker, id: string): Promise<string> {
  const session = (await (await checkedFetch(`${url}/sessions/${id}`)).json()) as {
    status: string;
  };
  return session.status;
}

/** Never resolves for a session that was not made. */
async function untilSettled(broker: StagedBroker, id: string | undefined): Promise<'settled'> {
  if (id === undefined) return new Promise(() => {});
  for (let tries = 0; tries < 1_000; tries += 1) {
    const status = await statusOf(broker, id).catch(() => 'unknown');
    if (status === 'running' || status === 'failed' || status === 'stopped') return 'settled';
    await sleep(100);
  }
  throw new Error(`session ${id} is stuck:\n${broker.running.log()}`);
}

async function untilGone({ url, running }: StagedBroker, id: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const response = await checkedFetch(`${url}/sessions/${id}`, { method: 'DELETE' });
    if (response.status === 200) return;
    await sleep(200);
  }
  throw new Error(`session ${id} did not end:\n${running.log()}`);
}
