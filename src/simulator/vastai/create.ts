import { createHash } from 'node:crypto';
import { type JsonObject, json } from '../json.ts';
import type { RentOrder, SimReply } from '../model.ts';
import { type Ask, findFreeAsk } from './asks.ts';
import { containerFor, portWishes } from './container.ts';
import { type CreateOrder, readCreateOrder } from './create-order.ts';
import type { Desk } from './desk.ts';
import { failure, invalidArgs, noCredit, offerGone } from './errors.ts';
import { leastBid } from './offer-row.ts';
import { isArgs } from './runtype.ts';
import type { Row } from './wire.ts';

/** `PUT /api/v0/asks/{id}/`: rents the whole offer (§7). */
export async function createInstance(
  desk: Desk,
  askId: number,
  body: JsonObject,
): Promise<SimReply> {
  const template = namedTemplate(desk, body);
  if (template === 'unknown') return invalidArgs('error 400/3474: Invalid args: no such template');
  const reading = readCreateOrder(body, template);
  if (reading.kind === 'refused') return reading.reply;
  const order = reading.value;
  if (isVirtualMachine(order) && desk.accountKeys.list().length === 0) return noKeyForVm();
  const ask = findFreeAsk(desk.market, askId);
  if (!ask || isOutbidAtOnce(desk, ask, order)) return offerGone(askId, desk.quirks.staleOfferAs);
  if (order.diskGb > ask.freeDiskGb) {
    return invalidArgs(
      `error 400/3475: Invalid args: disk ${order.diskGb} exceeds ${ask.freeDiskGb}`,
    );
  }
  return rent(desk, { ask, order, template });
}

interface Renting {
  readonly ask: Ask;
  readonly order: CreateOrder;
  readonly template: Row | undefined;
}

async function rent(desk: Desk, renting: Renting): Promise<SimReply> {
  const { ask, order } = renting;
  const result = await desk.market.rent(rentOrder(desk, renting));
  switch (result.kind) {
    case 'no_credit':
      return noCredit();
    case 'no_capacity':
    case 'no_public_ip':
      return offerGone(ask.id, desk.quirks.staleOfferAs);
    case 'rented':
      keepContract(desk, result.instance.id, renting);
      return outcome(desk, { instanceId: result.instance.id, ask, order });
  }
}

/** A bid that is too low leaves a stopped instance behind, whose disk is billed, and calls it a failure. */
function outcome(
  desk: Desk,
  made: { readonly instanceId: string; readonly ask: Ask; readonly order: CreateOrder },
): SimReply {
  const { instanceId, ask, order } = made;
  const contract = Number(instanceId);
  const isTooLow = isBelowMarket(ask, order);
  if (isTooLow || !order.startsRunning) desk.market.stop(instanceId, { release: true });
  if (isTooLow) {
    return json(200, {
      success: false,
      error: 'bid_too_low',
      msg: 'Your bid is below the current market price.',
      new_contract: contract,
    });
  }
  const key = createHash('sha256').update(`instance-key-${instanceId}`).digest('hex');
  return json(200, { success: true, new_contract: contract, instance_api_key: key });
}

function rentOrder(desk: Desk, { ask, order }: Renting): RentOrder {
  const share = ask.gpuCount / ask.host.gpuCount;
  return {
    market: 'vastai',
    hostId: ask.host.id,
    gpuCount: ask.gpuCount,
    vcpus: ask.host.vcpus * share,
    ramGb: ask.host.ramGb * share,
    diskGb: order.diskGb,
    label: order.label,
    image: order.image,
    madeBy: 'vastai',
    dedicatedIp: false,
    interruptible: order.bid !== null,
    bid: order.bid,
    // The account's own keys are put into whatever is rented from then on (§12.2).
    bootKeys: desk.accountKeys.list().map((key) => key.publicKey),
    container: containerFor(order),
    onStart: isArgs(order.runtype) ? null : order.onstart,
    driver: 'ready',
    ports: portWishes(order, ask.host.directPorts),
  };
}

function keepContract(desk: Desk, instanceId: string, { order, template }: Renting): void {
  desk.contracts.keep(instanceId, {
    env: order.env,
    onstart: order.onstart,
    args: order.args,
    runtype: order.runtype,
    bid: order.bid,
    templateId: typeof template?.['id'] === 'number' ? template['id'] : null,
    templateHashId: typeof template?.['hash_id'] === 'string' ? template['hash_id'] : null,
    templateName: typeof template?.['name'] === 'string' ? template['name'] : null,
  });
}

function namedTemplate(desk: Desk, body: JsonObject): Row | undefined | 'unknown' {
  const hashId = body['template_hash_id'] ?? undefined;
  const id = body['template_id'] ?? undefined;
  if (hashId === undefined && id === undefined) return undefined;
  return desk.templates.find({ id, hashId }) ?? 'unknown';
}

function isBelowMarket(ask: Ask, order: CreateOrder): boolean {
  return order.bid !== null && order.bid < leastBid(ask.host, ask.gpuCount);
}

function isOutbidAtOnce({ quirks }: Desk, ask: Ask, order: CreateOrder): boolean {
  const isRefused = order.cancelUnavailable && quirks.lowBidAs === 'refused';
  return isRefused && isBelowMarket(ask, order);
}

function isVirtualMachine(order: CreateOrder): boolean {
  return order.image.startsWith('docker.io/vastai/kvm:');
}

function noKeyForVm(): SimReply {
  return failure(400, 'no_ssh_key_for_vm', { msg: 'Add an SSH key to your account first.' });
}
