import type { Arrivals } from './arrivals.ts';
import { defectOf } from './hardware.ts';
import { MISHAP_KINDS } from './inner-life.ts';
import { isObject, json, parseJson } from './json.ts';
import type { SimMarket } from './market.ts';
import { type SimInstance, type SimReply, type SimRequest, WORK_NATURES } from './model.ts';
import { sumOf } from './rates.ts';
import { NO_FAULTS, type WireFaults } from './wire-faults.ts';

/** What `/_sim/` of the server can see and turn. */
export interface ControlParts {
  readonly market: SimMarket;
  readonly arrivals: Arrivals;
  readonly faults: () => WireFaults;
  readonly setFaults: (faults: WireFaults) => void;
}

type FaultRate = Exclude<keyof WireFaults, 'latencyMs' | 'outages'>;

/** Answers a request under `/_sim/`; the routes stand in the header of `server.ts`. */
export function control(parts: ControlParts, request: SimRequest): SimReply {
  const { market } = parts;
  const id = request.query.get('id') ?? '';
  switch (`${request.method} ${request.path}`) {
    case 'GET /_sim/instances':
      return json(200, { instances: market.instances().map((one) => showInstance(market, one)) });
    case 'GET /_sim/arrivals':
      return json(200, { arrivals: parts.arrivals.all() });
    case 'GET /_sim/bill':
      return json(200, showBills(market));
    case 'GET /_sim/faults':
      return json(200, parts.faults());
    case 'POST /_sim/faults':
      return changeFaults(parts, request.body);
    case 'POST /_sim/vanish':
      return done(market.vanish(id));
    case 'POST /_sim/stop':
      return done(market.stopByMarket(id));
    case 'POST /_sim/outbid':
      return done(market.outbid(id));
    case 'POST /_sim/regain':
      return done(market.regain(id));
    case 'POST /_sim/end-contract':
      return done(market.endContract(id));
    case 'POST /_sim/befall':
      return befall(market, request.query);
    case 'POST /_sim/use':
      return use(market, request.query);
    default:
      return changeAccount(market, request) ?? json(404, { error: 'no such control' });
  }
}

/** A mishap for so many minutes, for good where none are named. */
function befall(market: SimMarket, query: URLSearchParams): SimReply {
  const kind = MISHAP_KINDS.find((one) => one === query.get('kind'));
  const minutes = Number(query.get('minutes') ?? Number.POSITIVE_INFINITY);
  if (kind === undefined || !(minutes > 0)) {
    return json(400, { error: `kind is one of ${MISHAP_KINDS.join(', ')}; minutes are above 0` });
  }
  return done(market.befall(query.get('id') ?? '', kind, minutes * MINUTE_MS));
}

const MINUTE_MS = 60_000;

/** What the machine's renter does with it from now on. */
function use(market: SimMarket, query: URLSearchParams): SimReply {
  const nature = WORK_NATURES.find((one) => one === query.get('as'));
  if (nature === undefined) return json(400, { error: `as is one of ${WORK_NATURES.join('; ')}` });
  return done(market.use(query.get('id') ?? '', nature));
}

/** What happens to the account at one market. */
function changeAccount(
  market: SimMarket,
  { method, path, query }: SimRequest,
): SimReply | undefined {
  const name = query.get('market');
  if (name !== 'vastai' && name !== 'tensordock') return undefined;
  switch (`${method} ${path}`) {
    case 'POST /_sim/revoke-keys':
      market.revokeKeys(name);
      return done(true);
    case 'POST /_sim/restore-keys':
      market.restoreKeys(name);
      return done(true);
    case 'POST /_sim/drain-credit':
      market.drainCredit(name);
      return done(true);
    case 'POST /_sim/pay-in': {
      const usd = Number(query.get('usd'));
      if (!(usd > 0)) return json(400, { error: 'usd is a number above 0' });
      market.payIn(name, usd);
      return done(true);
    }
    default:
      return undefined;
  }
}

function showInstance(market: SimMarket, instance: SimInstance): Readonly<Record<string, unknown>> {
  return {
    id: instance.id,
    market: instance.market,
    label: instance.label,
    madeBy: instance.madeBy,
    state: instance.state,
    endedBy: instance.endedBy,
    gpu: instance.host.gpu.vastName,
    gpuCount: instance.gpuCount,
    defect: defectOf(instance.host),
    activity: market.machine(instance.id)?.activity.name,
    offlineSince: instance.offlineSince,
    createdAt: instance.createdAt,
    runningSince: instance.runningSince,
    goneAt: instance.goneAt,
    ssh: `${instance.sshHost}:${instance.sshPort}`,
    isForeign: market.isForeign(instance.id),
    billMicroUsd: sumOf(market.bill(instance.id)),
  };
}

function showBills(market: SimMarket): Readonly<Record<string, unknown>> {
  const bills = market.instances().map((instance) => ({
    id: instance.id,
    market: instance.market,
    label: instance.label,
    parts: market.bill(instance.id),
  }));
  const totalMicroUsd = bills.reduce((sum, bill) => sum + sumOf(bill.parts), 0);
  return { bills, totalMicroUsd };
}

/** Replaces all faults: what the body leaves out is off. */
function changeFaults(parts: ControlParts, body: string): SimReply {
  const faults = readFaults(body);
  if (!faults)
    return json(400, { error: 'faults are rates from 0 to 1, and latencyMs {low, high}' });
  parts.setFaults(faults);
  return json(200, faults);
}

function readFaults(body: string): WireFaults | undefined {
  const wanted = parseJson(body);
  if (!isObject(wanted)) return undefined;
  const rates: Partial<Record<FaultRate, number>> = {};
  let latencyMs = NO_FAULTS.latencyMs;
  for (const [name, value] of Object.entries(wanted)) {
    if (isRateName(name) && isRate(value)) rates[name] = value;
    else if (name === 'latencyMs' && isRange(value))
      latencyMs = { low: value.low, high: value.high };
    else if (name !== 'outages') return undefined;
  }
  return { ...NO_FAULTS, ...rates, latencyMs };
}

function isRateName(name: string): name is FaultRate {
  return name in NO_FAULTS && name !== 'latencyMs' && name !== 'outages';
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1;
}

function isRange(value: unknown): value is WireFaults['latencyMs'] {
  if (!isObject(value)) return false;
  const { low, high } = value;
  return typeof low === 'number' && typeof high === 'number' && low >= 0 && low <= high;
}

function done(isDone: boolean): SimReply {
  return isDone ? json(200, { done: true }) : json(404, { error: 'no such living instance' });
}
