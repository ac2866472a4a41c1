import assert from 'node:assert/strict';
import { createChance } from '../../../src/simulator/chance.ts';
import { DEFAULT_QUIRKS } from '../../../src/simulator/default-options.ts';
import { isObject, type JsonObject, parseJson } from '../../../src/simulator/json.ts';
import {
  createMarketplace,
  DEFAULT_CREDENTIALS,
  type MarketOptions,
  type SimMarket,
} from '../../../src/simulator/market.ts';
import type { FacadeQuirks, SimHost } from '../../../src/simulator/model.ts';
import { vastaiFacade } from '../../../src/simulator/vastai/facade.ts';
import type { Row } from '../../../src/simulator/vastai/wire.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';

export const KEY = DEFAULT_CREDENTIALS.vastKey;
export const DAY_MS = 86_400_000;
export const STARTED_AT = Date.UTC(2026, 0, 29, 12, 0, 0, 120);

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Empty when the body is no JSON object. */
  readonly json: JsonObject;
}

export interface Shop {
  readonly market: SimMarket;
  readonly clock: ManualClock;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  delete(path: string): Promise<Answer>;
  /** As it stands, for what the others do not do. */
  send(sending: Sending): Promise<Answer | undefined>;
}

export interface Sending {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ShopOptions extends Partial<Omit<MarketOptions, 'clock' | 'chance'>> {
  readonly quirks?: Partial<FacadeQuirks>;
  readonly rateLimits?: boolean;
}

const QUIRKS: FacadeQuirks = { ...DEFAULT_QUIRKS, v2ListAs: 'array' };

/** A marketplace with the given machines behind the façade, on a clock that stands still. */
export function openShop(options: ShopOptions = {}): Shop {
  const { quirks, rateLimits = false, hosts = [aHost()], ...rest } = options;
  const clock = manualClock({ startAt: STARTED_AT });
  const market = createMarketplace({ ...rest, hosts, clock, chance: createChance(7) });
  const facade = vastaiFacade(market, { rateLimits, quirks: { ...QUIRKS, ...quirks } });

  async function send(sending: Sending): Promise<Answer | undefined> {
    const url = new URL(sending.path, 'http://sim.test');
    const reply = await facade({
      method: sending.method,
      path: url.pathname,
      query: url.searchParams,
      headers: sending.headers ?? { authorization: `Bearer ${KEY}` },
      body: sending.body ?? '',
    });
    if (!reply) return undefined;
    const json = parseJson(reply.body);
    return { ...reply, text: reply.body, json: isObject(json) ? json : {} };
  }

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const source = body === undefined ? '' : JSON.stringify(body);
    const answer = await send({ method, path, body: source });
    assert(answer, `${method} ${path} is no path of the façade`);
    return answer;
  }

  return {
    market,
    clock,
    send,
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
    put: (path, body) => call('PUT', path, body),
    delete: (path) => call('DELETE', path),
  };
}

/** One RTX 4090 in Quebec that does what it should. */
export function aHost(overrides: Partial<SimHost> = {}): SimHost {
  const machineId = overrides.machineId ?? 17_000;
  return {
    market: 'vastai',
    id: String(machineId),
    machineId,
    ownerId: 90_871,
    locationId: '',
    city: 'Montreal',
    region: 'Quebec',
    country: 'Canada',
    countryCode: 'CA',
    gpu: {
      vastName: 'RTX 4090',
      v0Name: 'geforcertx4090-pcie-24gb',
      displayName: 'NVIDIA GeForce RTX 4090 PCIe 24GB',
      smiName: 'NVIDIA GeForce RTX 4090',
      vramMb: 24_564,
      nominalGb: 24,
      computeCap: 890,
    },
    gpuCount: 1,
    cpuName: 'AMD EPYC 7443 24-Core Processor',
    vcpus: 48,
    ramGb: 256,
    diskGb: 800,
    inetDownMbps: 812.7,
    inetUpMbps: 765.1,
    reliability: 0.9962,
    verified: true,
    datacenter: false,
    tier: 1,
    cudaMax: 12.8,
    driverVersion: '570.86.15',
    directPorts: 124,
    dedicatedIps: false,
    portForwards: true,
    publicIp: '198.51.100.23',
    offeredUntil: STARTED_AT + 30 * DAY_MS,
    rates: { gpuHour: 0.36, vcpuHour: 0, ramGbHour: 0, storage: 0.15, minBid: 0.155 },
    nature: 'good',
    ...overrides,
  };
}

/** The rows that an answer has under this name. */
export function rowsOf(answer: Answer, name: string): readonly Row[] {
  const rows = answer.json[name];
  assert(Array.isArray(rows), `no rows of ${name} in ${answer.text}`);
  return rows.filter(isObject);
}

export function offersOf(answer: Answer): readonly Row[] {
  return rowsOf(answer, 'offers');
}

export async function search(shop: Shop, query: JsonObject = {}): Promise<readonly Row[]> {
  return offersOf(await shop.post('/api/v0/bundles/', query));
}

/** The ask for so many GPUs of the machine that {@link aHost} makes. */
export function askOf(gpuCount: number, machineId = 17_000): number {
  return machineId * 100 + gpuCount;
}

export const CREATE: JsonObject = {
  client_id: 'me',
  image: 'pytorch/pytorch:2.7.0',
  disk: 60,
  label: 'gpub-demo-aaaaaaaaaaaaaaaa-1',
  runtype: 'ssh_direct',
  cancel_unavail: true,
};

/** Rents one GPU and says which instance it is. */
export async function create(
  shop: Shop,
  overrides: JsonObject = {},
  askId = askOf(1),
): Promise<string> {
  const answer = await shop.put(`/api/v0/asks/${askId}/`, { ...CREATE, ...overrides });
  assert.equal(typeof answer.json['new_contract'], 'number', answer.text);
  return String(answer.json['new_contract']);
}

/** The one object under the plural name. */
export async function show(shop: Shop, id: string): Promise<Row> {
  const { json, text } = await shop.get(`/api/v0/instances/${id}/`);
  const instance = json['instances'];
  assert(isObject(instance), `no instance in ${text}`);
  return instance;
}

/** Longer than any boot takes here. */
export async function untilRunning(shop: Shop): Promise<void> {
  await shop.clock.advance(301_000);
}
