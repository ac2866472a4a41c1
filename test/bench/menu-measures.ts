import { comparePairs, get, type PairResult } from './pairs.ts';
import { FEW_QUERIES, manyQueries } from './queries.ts';
import type { Point, Row } from './rows.ts';
import { type Scene, withBroker } from './scene.ts';

const OFFERS = 10_000;
const ONE_OFFER = '/offers/vastai-20000007';

interface RatioOptions {
  readonly id: string;
  readonly what: string;
  readonly bar: number;
}

/** The menu and the smallest answers, beside a bare server that sends the same bytes. */
export function measureMenu(scene: Scene): Promise<readonly Row[]> {
  return withBroker(scene.built, { offers: OFFERS }, async (broker) => {
    const rows: Row[] = [];
    const measure = async (options: RatioOptions, requests: readonly string[]): Promise<void> => {
      scene.say(options.what);
      rows.push(ratioRow(options, await comparePairs(scene, { ...scene, broker, requests })));
    };
    const answer = await fetch(`http://127.0.0.1:${broker.port}/offers?limit=50`);
    const etag = answer.headers.get('etag') ?? '';
    await measure(
      { id: 'offers_few', what: '`GET /offers`, the same few queries', bar: 0.6 },
      FEW_QUERIES.map((path) => get(path)),
    );
    await measure(
      { id: 'offers_many', what: '`GET /offers`, other filters each time', bar: 0.3 },
      manyQueries(scene.isShort ? 5_000 : 20_000).map((path) => get(path)),
    );
    await measure({ id: 'offers_304', what: '`GET /offers`, `If-None-Match` matches', bar: 0.45 }, [
      get('/offers?limit=50', { 'If-None-Match': etag }),
    ]);
    await measure({ id: 'offer_one', what: '`GET /offers/{id}`', bar: 0.5 }, [get(ONE_OFFER)]);
    await measure({ id: 'health', what: '`GET /health`', bar: 0.5 }, [get('/health')]);
    return rows;
  });
}

export function ratioRow({ id, what, bar }: RatioOptions, result: PairResult): Row {
  const { cpuRatio, cpuLowest, cpuHighest, ratio, brokerMicros, bareMicros, bodyBytes } = result;
  return {
    id,
    what,
    value: cpuRatio,
    unit: '',
    bar,
    sense: 'at least',
    lowest: cpuLowest,
    highest: cpuHighest,
    details: {
      byThroughput: ratio,
      brokerMicros,
      bareMicros,
      bodyBytes,
      bareBusy: result.bareBusy,
    },
  };
}

/** Time of one answer over the number of offers. */
export async function measureMenuGrowth(
  scene: Scene,
  sizes: readonly number[],
): Promise<readonly Point[]> {
  const points: Point[] = [];
  for (const offers of sizes) {
    scene.say(`growth: ${offers} offers`);
    await withBroker(scene.built, { offers }, async (broker) => {
      const asked = {
        'GET /offers, the same few queries': FEW_QUERIES.slice(0, 1).map((path) => get(path)),
        'GET /offers, other filters each time': manyQueries(5_000).map((path) => get(path)),
        'GET /offers/{id}': [get(ONE_OFFER)],
      };
      for (const [series, requests] of Object.entries(asked)) {
        const { brokerMicros } = await comparePairs(scene, { ...scene, broker, requests });
        points.push({ series, size: offers, micros: brokerMicros });
      }
    });
  }
  return points;
}
