import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_FACADE_OPTIONS } from '../../src/simulator/default-options.ts';
import { DEFAULT_CREDENTIALS } from '../../src/simulator/market.ts';
import { type RunningSimulator, startSimulator } from '../../src/simulator/server.ts';
import { tensordockV0Facade } from '../../src/simulator/tensordock/v0-facade.ts';
import { tensordockV2Facade } from '../../src/simulator/tensordock/v2-facade.ts';
import { vastaiFacade } from '../../src/simulator/vastai/facade.ts';
import {
  look,
  type MarketWorld,
  MINUTE,
  marketWorld,
  pickHost,
  rentOn,
  rentSome,
} from './market-world.ts';

const running: RunningSimulator[] = [];
afterEach(async () => {
  for (const simulator of running.splice(0)) await simulator.close();
});

const { vastKey, tensordockToken, tensordockAuthId } = DEFAULT_CREDENTIALS;
const PAIR = `api_key=${tensordockAuthId}&api_token=${tensordockToken}`;

/** One call that needs a key, on each API. */
const CALLS = [
  { api: 'vastai', path: '/api/v1/instances/', token: vastKey },
  { api: 'tensordock-v2', path: '/api/v2/instances', token: tensordockToken },
  { api: 'tensordock-v0', path: `/api/v0/client/list?${PAIR}`, token: '' },
];

async function serve(): Promise<MarketWorld & { readonly url: string }> {
  const world = marketWorld({ foreign: 2 });
  const facades = [tensordockV2Facade, tensordockV0Facade, vastaiFacade];
  const simulator = await startSimulator({
    port: 0,
    host: '127.0.0.1',
    market: world.market,
    facades: facades.map((facade) =>
      facade(world.market, { ...DEFAULT_FACADE_OPTIONS, rateLimits: false }),
    ),
  });
  running.push(simulator);
  return { ...world, url: simulator.url };
}

function turn(url: string, act: string): Promise<number> {
  return fetch(`${url}/_sim/${act}`, { method: 'POST' }).then(({ status }) => status);
}

/** Which APIs take the account's keys; TensorDock's old one says no inside a 200. */
async function open(url: string): Promise<readonly string[]> {
  const answers = CALLS.map(async ({ api, path, token }) => {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    const method = api === 'tensordock-v0' ? 'POST' : 'GET';
    const reply = await fetch(`${url}${path}`, { method, headers });
    const isRefused = (await reply.text()).includes('"success":false');
    return reply.status === 200 && !isRefused ? [api] : [];
  });
  return (await Promise.all(answers)).flat();
}

describe('keys', () => {
  it('are refused on every API of a market that has revoked them, until it takes them again', async () => {
    const { url } = await serve();
    const all = CALLS.map(({ api }) => api);
    expect(await open(url)).toEqual(all);
    expect(await turn(url, 'revoke-keys?market=vastai')).toBe(200);
    expect(await open(url)).toEqual(['tensordock-v2', 'tensordock-v0']);
    expect(await turn(url, 'revoke-keys?market=tensordock')).toBe(200);
    expect(await open(url)).toEqual([]);
    expect(await turn(url, 'restore-keys?market=vastai')).toBe(200);
    expect(await turn(url, 'restore-keys?market=tensordock')).toBe(200);
    expect(await open(url)).toEqual(all);
  });
});

describe('credit', () => {
  it('that is used up rents nothing more until some is paid in', async () => {
    const { url, market, clock } = await serve();
    await rentSome(market, 'tensordock');
    clock.advance(5 * MINUTE);
    expect(await turn(url, 'drain-credit?market=tensordock')).toBe(200);
    expect(market.credit('tensordock')).toBe(0);
    expect(market.credit('vastai')).toBe(500);
    const host = pickHost(market, 'tensordock');
    await expect(rentOn(market, host)).rejects.toThrow('no_credit');
    expect(await turn(url, 'pay-in?market=tensordock&usd=20')).toBe(200);
    expect(market.credit('tensordock')).toBe(20);
    await rentOn(market, host);
  });

  it('that is used up stops what runs at Vast.ai, and at TensorDock not', async () => {
    const { url, market, clock } = await serve();
    const [vast, dock] = [await rentSome(market, 'vastai'), await rentSome(market, 'tensordock')];
    clock.advance(10 * MINUTE);
    const others = market.instances().filter(({ id }) => market.isForeign(id));
    for (const name of ['vastai', 'tensordock']) await turn(url, `drain-credit?market=${name}`);
    clock.advance(MINUTE);
    expect(look(market, vast.id)).toMatchObject({ state: 'stopped', statusText: 'lack of credit' });
    expect(look(market, dock.id).state).toBe('running');
    expect(market.instances().filter(({ id }) => market.isForeign(id))).toEqual(others);
  });
});

it('refuses what it cannot do', async () => {
  const { url } = await serve();
  expect(await turn(url, 'revoke-keys?market=elsewhere')).toBe(404);
  expect(await turn(url, 'drain-credit')).toBe(404);
  expect(await turn(url, 'nonsense?market=vastai')).toBe(404);
  for (const usd of ['0', '-5', 'much', '']) {
    expect(await turn(url, `pay-in?market=vastai&usd=${usd}`)).toBe(400);
  }
});
