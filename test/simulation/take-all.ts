import type { SimMarket } from '../../src/simulator/market.ts';
import type { SimHost } from '../../src/simulator/model.ts';
import { orderOn } from '../simulator/market-world.ts';

/** Somebody else rents whatever GPUs are free on the host. The machines' ids, as soon as they are rented. */
export function takeAll(market: SimMarket, host: SimHost): readonly string[] {
  const taken: string[] = [];
  void market
    .rent(
      orderOn(host, {
        gpuCount: market.freeGpus(host.id),
        label: 'somebody-else',
        madeBy: 'somebody else',
      }),
    )
    .then((result) => {
      if (result.kind === 'rented') taken.push(result.instance.id);
    });
  return taken;
}
