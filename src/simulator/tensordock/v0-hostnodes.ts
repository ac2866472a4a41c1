import type { Marketplace, SimHost, SimReply } from '../model.ts';
import { listedHosts, type Room, roomOn, tensordockHost } from './capacity.ts';
import { freePorts } from './port-forwards.ts';
import { missing, succeeded, type V0Context } from './v0-context.ts';

/** `GET /client/deploy/hostnodes`: a map by uuid. */
export function listHostnodes({ market, fields }: V0Context): SimReply {
  const shown = listedHosts(market).filter((host) =>
    passes(host, { room: roomOn(market, host), fields }),
  );
  return succeeded({
    hostnodes: Object.fromEntries(shown.map((host) => [host.id, hostnodeView(market, host)])),
  });
}

/** `GET /client/deploy/hostnodes/{uuid}`: the same, under its own uuid. */
export function getHostnode(context: V0Context, id: string): SimReply {
  const host = tensordockHost(context.market, id);
  if (host === undefined) return missing(context, 'Hostnode not found');
  return succeeded({ [id]: hostnodeView(context.market, host) });
}

/** Lower and upper bounds by parameter; the documents name these. */
const BOUNDS: readonly {
  readonly name: string;
  readonly side: 'least' | 'most';
  readonly amountOf: (host: SimHost, room: Room) => number;
}[] = [
  { name: 'minRAM', side: 'least', amountOf: (_, room) => room.ramGb },
  { name: 'maxRAM', side: 'most', amountOf: (_, room) => room.ramGb },
  { name: 'minVCPUs', side: 'least', amountOf: (_, room) => room.vcpus },
  { name: 'minStorage', side: 'least', amountOf: (_, room) => room.diskGb },
  { name: 'minVRAM', side: 'least', amountOf: (host) => host.gpu.nominalGb },
  { name: 'minGPUCount', side: 'least', amountOf: (_, room) => room.gpus },
  { name: 'maxGPUCount', side: 'most', amountOf: (_, room) => room.gpus },
];

function passes(
  host: SimHost,
  { room, fields }: { readonly room: Room; readonly fields: URLSearchParams },
): boolean {
  const isInBounds = BOUNDS.every(({ name, side, amountOf }) => {
    const text = fields.get(name);
    if (text === null || text === '') return true;
    const bound = Number(text);
    return side === 'least' ? amountOf(host, room) >= bound : amountOf(host, room) <= bound;
  });
  const hasBrand = ['RTX', 'GTX'].every(
    (brand) =>
      fields.get(`requires${brand}`) !== 'true' || host.gpu.v0Name.includes(brand.toLowerCase()),
  );
  return isInBounds && hasBrand;
}

function hostnodeView(market: Marketplace, host: SimHost) {
  const room = roomOn(market, host);
  return {
    location: {
      city: host.city,
      country: host.country,
      dc: null,
      id: host.locationId,
      region: host.region,
    },
    networking: {
      ports: freePorts(market, host),
      receive: host.inetDownMbps,
      send: host.inetUpMbps,
    },
    specs: {
      cpu: { amount: room.vcpus, price: host.rates.vcpuHour, type: host.cpuName },
      gpu: { [host.gpu.v0Name]: { amount: room.gpus, price: host.rates.gpuHour } },
      ram: { amount: room.ramGb, price: host.rates.ramGbHour },
      storage: { amount: room.diskGb, price: host.rates.storage },
    },
    status: {
      listed: true,
      online: true,
      report: `https://monitor.m.tensordock.com/report/uptime/${host.id.replaceAll('-', '')}/`,
      uptime: host.reliability,
    },
  };
}
