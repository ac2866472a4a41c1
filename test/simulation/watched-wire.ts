import { WireError, type WireFetch } from '../../src/providers/wire-fetch.ts';
import type { Chance, Facade, SimClock, SimReply } from '../../src/simulator/model.ts';
import { marketOf, playWire } from '../../src/simulator/wire.ts';
import type { WireFaults } from '../../src/simulator/wire-faults.ts';
import { isLaunchCall } from '../../src/simulator/wire-launches.ts';
import type { Tally } from './tally.ts';

export interface WatchedWireParts {
  readonly facades: readonly Facade[];
  readonly clock: SimClock;
  readonly chance: Chance;
  readonly faults: () => WireFaults;
  readonly tally: Tally;
  /** A launch that the network delivered twice, by the tag in it. */
  readonly onDoubled: (tag: string) => void;
}

/** What really became of one request. */
interface Exchange {
  deliveries: number;
  reply: SimReply | undefined;
}

/** Façades read no such header; it ties a delivery to the call that it belongs to. */
const NUMBER_HEADER = 'x-exchange';
const TAG = /gpub-[a-z0-9]+-[a-z0-9]{16}-[0-9]+/;
const EMPTY_LIST =
  /"(instances|offers|locations|hostnodes|virtualmachines)":(\[\]|\{\})|^\{"data":\[\]/;

/** The simulated network, with a count of each fault by what is seen of it at both ends, not by what was meant to happen. */
export function watchedWire(parts: WatchedWireParts): WireFetch {
  const exchanges = new Map<string, Exchange>();
  const play = playWire({
    ...parts,
    facades: parts.facades.map((facade) => watchedFacade(facade, exchanges, parts.onDoubled)),
    asWireError: (message, mayHaveArrived) => new WireError(message, { mayHaveArrived }),
  });
  return async (request, signal) => {
    const exchange: Exchange = { deliveries: 0, reply: undefined };
    const number = String(exchanges.size);
    exchanges.set(number, exchange);
    const path = new URL(request.url).pathname;
    const note = (fault: string | undefined): void => {
      if (fault === undefined) return;
      parts.tally.count(`wire ${fault}`);
      if (isLaunchCall(request.method, path)) parts.tally.count(`launch ${fault}`);
    };
    const outage = outageAt(parts, path);
    const headers = { ...request.headers, [NUMBER_HEADER]: number };
    try {
      const reply = await play({ ...request, headers }, signal);
      note(outage ?? faultOfReply(exchange, reply));
      if (exchange.deliveries > 1) note('duplicated');
      return reply;
    } catch (error) {
      note(outage ?? faultOfError(exchange, error));
      throw error;
    }
  };
}

function watchedFacade(
  facade: Facade,
  exchanges: ReadonlyMap<string, Exchange>,
  onDoubled: (tag: string) => void,
): Facade {
  return async (request) => {
    const reply = await facade(request);
    const exchange = exchanges.get(request.headers[NUMBER_HEADER] ?? '');
    if (!reply || !exchange) return reply;
    exchange.deliveries += 1;
    exchange.reply = reply;
    const tag = TAG.exec(request.body)?.[0];
    if (exchange.deliveries > 1 && tag !== undefined) onDoubled(tag);
    return reply;
  };
}

function outageAt({ clock, faults }: WatchedWireParts, path: string): string | undefined {
  const now = clock.now();
  const market = marketOf(path);
  const outage = faults().outages.find(
    (one) => one.market === market && one.from <= now && now < one.to,
  );
  return outage && `outage ${outage.as}`;
}

function faultOfReply(exchange: Exchange, reply: SimReply): string | undefined {
  if (exchange.deliveries === 0) return FAULT_BEFORE[reply.status];
  const { reply: sent } = exchange;
  if (!sent || sent.body === reply.body) return sent && FAULT_OF_FACADE[sent.status];
  if (reply.status >= 500) return 'serverErrorAfter';
  if (sent.body.startsWith(reply.body)) return 'cutBody';
  if (sent.body.length === reply.body.length) return undefined;
  return EMPTY_LIST.test(reply.body) ? 'emptyList' : 'shortList';
}

const FAULT_BEFORE: Readonly<Record<number, string>> = {
  429: 'rateLimited',
  500: 'serverErrorBefore',
  502: 'badGatewayBefore',
};

const FAULT_OF_FACADE: Readonly<Record<number, string>> = {
  401: 'unauthorized by the provider',
  429: 'rate limit of the provider',
};

function faultOfError(exchange: Exchange, error: unknown): string {
  if (!(error instanceof WireError)) return 'failure of the simulator';
  if (!error.mayHaveArrived) return 'refused';
  if (error.message === 'connection reset') return 'resetAfter';
  return exchange.deliveries > 0 ? 'lostAnswer' : 'aborted on its way';
}
