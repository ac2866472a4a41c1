import { ProviderFailure } from '../../../domain/errors.ts';
import type { LaunchOrder, LaunchReceipt } from '../../../ports/provider.ts';
import { externalPortsFor } from '../free-ports.ts';
import { lacksPorts, notLaunchable } from '../launch-failures.ts';
import { orderedMachine } from '../ordered-machine.ts';
import type { Deployed, V0Client } from './client.ts';
import { type InstantLaunchData, instantForm, instantLaunchData } from './instant-vms.ts';
import { deployForm, type LaunchData, launchData } from './mapping.ts';
import type { SpotDesk } from './spot-desk.ts';

/** What a launch is made with. */
export interface LaunchParts {
  readonly client: V0Client;
  readonly spot: SpotDesk;
  readonly defaultImage: string;
}

export async function launch(parts: LaunchParts, order: LaunchOrder): Promise<LaunchReceipt> {
  const { adapterData } = order.offer;
  const instant = instantLaunchData(adapterData);
  if (instant) return launchInstant(parts, order, instant);
  const site = launchData(adapterData);
  if (!site) throw notLaunchable('the offer does not say how to launch it');
  const form = formFor(order, site, parts.defaultImage);
  return order.bidPerHour === undefined
    ? receiptOf(await parts.client.deploy(form))
    : launchByBid(parts, { form, order: { ...order, site, bid: order.bidPerHour } });
}

/** Its system is a part of it. */
async function launchInstant(
  { client, defaultImage }: LaunchParts,
  order: LaunchOrder,
  vm: InstantLaunchData,
): Promise<LaunchReceipt> {
  if (order.bidPerHour !== undefined) throw notLaunchable('this machine takes no bids');
  const machine = orderedMachine(order, defaultImage);
  if (machine.ports.length > 0) throw lacksPorts('no ports can be asked for with this machine');
  return receiptOf(await client.deployInstant(instantForm(vm, machine)));
}

interface BidLaunch {
  readonly form: Readonly<Record<string, string>>;
  readonly order: Parameters<SpotDesk['accepted']>[0];
}

/** A machine that turns out to cost more than was bid is not what was asked for: it is named, to be ended. */
async function launchByBid(
  { client, spot }: LaunchParts,
  { form, order }: BidLaunch,
): Promise<LaunchReceipt> {
  const bidFields = await spot.accepted(order);
  const deployed = await client.deploy({ ...form, ...bidFields });
  const { id, computePerHour } = deployed;
  if (computePerHour === undefined || spot.isAsBid(order, computePerHour))
    return receiptOf(deployed);
  throw new ProviderFailure({
    kind: 'no_capacity',
    outcome: 'not_done',
    detail: 'the machine costs more than was bid for it',
    leftover: id,
    isForOrderOnly: true,
  });
}

function receiptOf({ id }: Deployed): LaunchReceipt {
  return { id };
}

function formFor(order: LaunchOrder, site: LaunchData, image: string): Record<string, string> {
  const machine = orderedMachine(order, image);
  const freePorts = site.ports.split(',').map(Number);
  const externalPorts = externalPortsFor(order.tag, freePorts, 1 + machine.ports.length);
  if (!externalPorts) throw lacksPorts('the host has not that many free ports');
  return deployForm(site, { ...machine, externalPorts });
}
