import type { Marketplace, SimHost, SimInstance, SimReply } from '../model.ts';
import { fits, roomOn, tensordockHost } from './capacity.ts';
import { firstBoot } from './first-boot.ts';
import { forwardsOf, freePorts } from './port-forwards.ts';
import { failed, missing, succeeded, type V0Context } from './v0-context.ts';
import { bootKeysIn, type DeployRequest, parseDeploy } from './v0-deploy-request.ts';
import { addressOf, orderedPrices, portMap } from './v0-machine-views.ts';
import { type SpotPrices, spotPrices } from './v0-spot.ts';

/** `POST /client/deploy/single`. */
export async function deploySingle(context: V0Context): Promise<SimReply> {
  const parsed = parseDeploy(context.fields);
  if (parsed.kind === 'invalid') return failed(parsed.error);
  const { deploy } = parsed;
  const host = tensordockHost(context.market, deploy.hostnodeId);
  if (host === undefined) return missing(context, 'Hostnode not found');
  const refusal = refusalAt(context, host, deploy);
  return refusal === undefined ? rent(context, host, deploy) : failed(refusal);
}

function refusalAt(context: V0Context, host: SimHost, deploy: DeployRequest): string | undefined {
  const { market } = context;
  if (host.gpu.v0Name !== deploy.gpuModel) return 'GPU model not available on hostnode';
  if (!fits(roomOn(market, host), { ...deploy, gpus: deploy.gpuCount })) {
    return 'Not enough resources available on hostnode';
  }
  const free = freePorts(market, host);
  const taken = deploy.forwards.find(({ externalPort }) => !free.includes(externalPort));
  if (taken !== undefined) return `Port ${taken.externalPort} is not available on hostnode`;
  const isTooLow = deploy.bid !== null && deploy.bid < spotFor(context, host, deploy).floor;
  return isTooLow ? 'Spot price is too low' : undefined;
}

function spotFor({ quirks }: V0Context, host: SimHost, deploy: DeployRequest): SpotPrices {
  return spotPrices(host, { ...deploy, gpus: deploy.gpuCount }, quirks);
}

async function rent(context: V0Context, host: SimHost, deploy: DeployRequest): Promise<SimReply> {
  const { market } = context;
  const boot = firstBoot(deploy.runcmd, context.quirks.dockImageAs);
  const gpuBid = deploy.bid === null ? null : spotFor(context, host, deploy).gpuShareOf(deploy.bid);
  const result = await market.rent({
    market: 'tensordock',
    hostId: host.id,
    gpuCount: deploy.gpuCount,
    vcpus: deploy.vcpus,
    ramGb: deploy.ramGb,
    diskGb: deploy.diskGb,
    label: deploy.name,
    image: deploy.system,
    madeBy: 'tensordock-v0',
    dedicatedIp: false,
    interruptible: deploy.bid !== null,
    bid: gpuBid,
    bootKeys: bootKeysIn(context.fields, boot),
    container: boot.container,
    onStart: boot.onStart,
    driver: boot.driver,
    ports: deploy.forwards.filter(({ internalPort }) => internalPort !== 22),
  });
  switch (result.kind) {
    case 'rented':
      return deployed(market, result.instance, gpuBid);
    case 'no_capacity':
      return failed('Not enough resources available on hostnode');
    case 'no_public_ip':
      return failed('No available public IPs on hostnode');
    case 'no_credit':
      return failed('Insufficient balance');
  }
}

function deployed(market: Marketplace, machine: SimInstance, gpuBid: number | null): SimReply {
  const prices = orderedPrices(machine, gpuBid);
  return succeeded({
    cost: {
      compute_price: prices.compute,
      storage_price: prices.storage,
      total_price: prices.total,
    },
    execution_id: market.instances().length,
    ip: addressOf(machine),
    port_forwards: portMap(forwardsOf(machine)),
    server: machine.id,
  });
}
