import type { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Observation } from '../../../src/domain/instance.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import type { LaunchOrder, PowerSwitch, Provider } from '../../../src/ports/provider.ts';
import { createVastaiProvider, type VastaiConfig } from '../../../src/providers/vastai/provider.ts';
import { KEY, openShop, type Shop, type ShopOptions } from '../../simulator/vastai/shop.ts';
import { recordingRecorder } from '../../support/recording-recorder.ts';
import { failureOf, PUBLIC_KEY, TAG } from './fixtures.ts';

/** The adapter in front of the played marketplace, both on one clock. */
export interface PlayedWorld {
  readonly shop: Shop;
  readonly provider: Provider;
  readonly power: PowerSwitch;
  /** `METHOD path body` of each request, in order. */
  readonly requests: string[];
  /** Answers of one's own instead of the marketplace's; undefined lets it answer. */
  interfere(answer: (request: string) => Interference | undefined): void;
  /** Is told the status of each of the marketplace's own answers. */
  watch(note: (status: number) => void): void;
  /** Turns the clock until the call is through. */
  done<Value>(call: Promise<Value>): Promise<Value>;
  /** The failure that the call ends with. */
  refused(call: Promise<unknown>): Promise<ProviderFailure>;
  anOffer(): Promise<Offer>;
  launch(order?: Partial<LaunchOrder>): Promise<string>;
  look(id: string): Promise<Observation | undefined>;
}

interface Interference {
  readonly status: number;
  readonly body: string;
  /** The marketplace hears the request all the same, and only its answer is lost. */
  readonly isHeard?: true;
}

const SECOND_MS = 1_000;
/** Of clock turning, for calls that wait their turn. */
const MAX_TURNS = 2_000;

export function playedWorld(
  options: ShopOptions = {},
  config: Pick<VastaiConfig, 'offersMaxAgeMs'> = {},
): PlayedWorld {
  const shop = openShop(options);
  const requests: string[] = [];
  let interference: (request: string) => Interference | undefined = () => undefined;
  let note: (status: number) => void = () => undefined;
  const provider = createVastaiProvider(
    {
      clock: shop.clock,
      recorder: recordingRecorder(),
      fetch: async ({ method, url, headers, body = '' }) => {
        const { pathname, search } = new URL(url);
        const request = `${method} ${pathname} ${body}`;
        requests.push(request);
        const own = interference(request);
        const sending = { method, path: `${pathname}${search}`, headers, body };
        if (own?.isHeard) await shop.send(sending);
        if (own) return { status: own.status, body: own.body, headers: {} };
        const answer = await shop.send(sending);
        note(answer?.status ?? 404);
        return answer
          ? { status: answer.status, headers: answer.headers, body: answer.text }
          : { status: 404, headers: {}, body: 'Not Found' };
      },
    },
    { apiKey: KEY, baseUrl: 'https://console.vast.test', ...config },
  );
  if (!provider.power) throw new Error('expected a power switch');

  async function done<Value>(call: Promise<Value>): Promise<Value> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
    };
    call.then(end, end);
    for (let turns = 0; turns < MAX_TURNS && !isOver; turns += 1) {
      await shop.clock.advance(turns === 0 ? 0 : SECOND_MS);
    }
    return call;
  }

  async function anOffer(): Promise<Offer> {
    const [offer] = await done(provider.offers());
    if (!offer) throw new Error('expected an offer');
    return offer;
  }

  return {
    shop,
    provider,
    power: provider.power,
    requests,
    interfere: (answer) => {
      interference = answer;
    },
    watch: (watcher) => {
      note = watcher;
    },
    done,
    refused: (call) => done(failureOf(call)),
    anOffer,
    launch: async (order = {}) => {
      const offer = order.offer ?? (await anOffer());
      const workload = { kind: 'ssh' } as const;
      const rest = { tag: TAG, diskGb: 60, publicKey: PUBLIC_KEY, workload };
      return (await done(provider.launch({ ...rest, ...order, offer }))).id;
    },
    look: (id) => done(provider.get(id)),
  };
}
