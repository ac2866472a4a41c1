import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aliveOf,
  ask,
  machinesOf,
  rent,
  type SessionShown,
  sessionOf,
  untilIncidents,
  untilStatus,
  wish,
} from './asks.ts';
import { openStage, SOON, type Stage, type StagedBroker } from './stage.ts';

const MARKETS = [
  { api: 'vastai', market: 'vastai', tensordock: 'v2' },
  { api: 'tensordock-v2', market: 'tensordock', tensordock: 'v2' },
  { api: 'tensordock-v0', market: 'tensordock', tensordock: 'v0' },
] as const;

interface Account {
  readonly stage: Stage;
  readonly broker: StagedBroker;
}

/** An account of its own for each API, because what happens to an account happens to all of it. */
const accounts = new Map<string, Account>();
beforeAll(async () => {
  const toBeDrained = { api: 'vastai, to be drained', tensordock: 'v2' } as const;
  await Promise.all([...MARKETS, toBeDrained].map(openAccount));
});
afterAll(async () => {
  await Promise.all([...accounts.values()].map(({ stage }) => stage.close()));
});

describe('while sessions run', () => {
  it.concurrent.each(MARKETS)(
    'a key that is revoked on $api ends none, is told, and holds up an end until it is taken again',
    async ({ api, market }) => {
      const account = accountOf(api);
      const { broker } = account;
      const [kept, unwanted] = await Promise.all([rent(broker, market), rent(broker, market)]);
      const request = await wish(broker, market);
      await turn(account, `revoke-keys?market=${market}`);

      const [incident] = await untilIncidents(broker, ['list_failing']);
      expect(incident?.message).toContain('unauthorized');
      const refusal = await ask(broker, 'POST /sessions', request);
      expect(refusal).toMatchObject({ status: 502, body: { error_type: 'provider_error' } });
      expect(await ask(broker, `DELETE /sessions/${unwanted}`)).toMatchObject({ status: 202 });
      expect(await statuses(broker, [kept, unwanted])).toEqual(['running', 'stopping']);
      expect(await alive(account)).toHaveLength(2);

      await turn(account, `restore-keys?market=${market}`);
      await untilIncidents(broker, []);
      await untilStatus(broker, unwanted, ['stopped']);
      expect(await statuses(broker, [kept])).toEqual(['running']);
      expect(await alive(account)).toHaveLength(1);
    },
  );

  it.concurrent('credit that is gone ends a session whose machine the marketplace stops for it, and the machine with it', async () => {
    const account = accountOf('vastai, to be drained');
    const { broker } = account;
    const id = await rent(broker, 'vastai');
    await turn(account, 'drain-credit?market=vastai');
    const ended = await untilStatus(broker, id, ['failed', 'stopped']);
    expect(ended).toMatchObject({ status: 'failed', stop_reason: 'out_of_credit' });
    const machines = await machinesOf(account.stage, broker, id);
    expect(machines.map(({ state }) => state)).toEqual(['gone']);
  });
});

describe('credit that is gone', () => {
  it.concurrent.each(MARKETS)(
    'on $api refuses what is new, and leaves nothing of it',
    async ({ api, market }) => {
      const account = accountOf(api);
      const { broker } = account;
      const request = await wish(broker, market);
      const before = await alive(account);
      const known = await sessionIds(broker);
      await turn(account, `drain-credit?market=${market}`);
      const refusal = await ask(broker, 'POST /sessions', request);
      expect(refusal).toMatchObject({
        status: 502,
        body: { error_type: 'provider_error', retry_suggested: false },
      });
      const made = (await sessionIds(broker)).filter((id) => !known.includes(id));
      expect(made).toHaveLength(1);
      expect(await sessionOf(broker, made.join())).toMatchObject({
        status: 'failed',
        stop_reason: 'launch_failed',
        cost_so_far: 0,
      });
      expect(await alive(account)).toEqual(before);
      await turn(account, `pay-in?market=${market}&usd=100`);
      expect((await ask(broker, 'POST /sessions', request)).status).toBe(201);
    },
  );
});

async function openAccount({
  api,
  tensordock,
}: Pick<(typeof MARKETS)[number], 'tensordock'> & { readonly api: string }): Promise<void> {
  const stage = await openStage(SOON);
  const broker = await stage.startBroker({ deploymentId: 'trouble1', tensordock, crashAt: '' });
  accounts.set(api, { stage, broker });
}

function accountOf(api: string): Account {
  const account = accounts.get(api);
  if (!account) throw new Error('it was opened before all');
  return account;
}

/** What happens to the account at a market. */
async function turn({ stage }: Account, act: string): Promise<void> {
  const { VASTAI_BASE_URL = '' } = stage.environment('v2');
  const { status } = await fetch(`${VASTAI_BASE_URL}/_sim/${act}`, { method: 'POST' });
  expect(status).toBe(200);
}

async function alive({ stage, broker }: Account): Promise<readonly string[]> {
  return (await aliveOf(stage, broker)).map(({ id }) => id);
}

function statuses(broker: StagedBroker, ids: readonly string[]): Promise<readonly string[]> {
  return Promise.all(ids.map(async (id) => (await sessionOf(broker, id)).status));
}

async function sessionIds(broker: StagedBroker): Promise<readonly string[]> {
  const { body } = await ask<{ sessions: SessionShown[] }>(broker, 'GET /sessions?limit=1000');
  return body.sessions.map(({ id }) => id);
}
