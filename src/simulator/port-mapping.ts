import type { SimOpenPort } from './model.ts';
import { addressOf } from './ssh-plane.ts';
import { amend, type InstanceRecord, type World } from './world.ts';

/** Makes these, and no others, lead to the machine. Whether they show at once is the world's temper. */
export function mapPorts(
  world: World,
  record: InstanceRecord,
  mapping: readonly SimOpenPort[],
): void {
  for (const { host, externalPort } of record.mapping) {
    world.ports.delete(addressOf({ host, port: externalPort }));
  }
  record.mapping = mapping;
  for (const { host, externalPort, internalPort } of mapping) {
    world.ports.set(addressOf({ host, port: externalPort }), { record, internalPort });
  }
  if (world.temper.portLagMs.high === 0) amend(record, { openPorts: mapping });
}

/** Where a container's ports move to and back: out of the range that they are drawn from. */
const MOVED_FROM = 20_000;
const MOVED_BY = 8_000;

/** Ports that the market has picked are others after a restart; those of a virtual machine stay. */
export function movePorts(world: World, record: InstanceRecord): void {
  if (!world.temper.portsMove || record.view.market !== 'vastai') return;
  const moved = record.mapping.map((port) => {
    const by = port.externalPort >= MOVED_FROM ? -MOVED_BY : MOVED_BY;
    return { ...port, externalPort: port.externalPort + by };
  });
  mapPorts(world, record, moved);
}
