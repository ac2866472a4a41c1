import type { SimMarket } from '../../src/simulator/market.ts';
import type { SimHost } from '../../src/simulator/model.ts';

/** Somebody else rents whatever GPUs are free on the host. The machines' ids, as soon as they are rented. */
export function takeAll(market: SimMarket, host: SimHost): readonly string[] {
  const taken: string[] = [];
  void market
    .rent({
      market: host.market,
      hostId: host.id,
      gpuCount: market.freeGpus(host.id),
      vcpus: 8,
      ramGb: 32,
      diskGb: 100,
      label: 'somebody-else',
      image: 'ubuntu2204',
      madeBy: 'somebody else',
      dedicatedIp: false,
      interruptible: false,
      bid: null,
      bootKeys: [],
      container: null,
      onStart: null,
      driver: 'ready',
      ports: [],
    })
    .then((result) => {
      if (result.kind === 'rented') taken.push(result.instance.id);
    });
  return taken;
}
