import { type JsonObject, json } from '../json.ts';
import type { SimInstance, SimReply } from '../model.ts';
import type { Desk } from './desk.ts';
import { failure, invalidArgs, noSuchInstance } from './errors.ts';
import { instanceRow } from './instance-row.ts';

const MAX_LABEL_LENGTH = 1_024;
const MIN_BID = 0.001;
const MAX_BID_PER_GPU = 32;

/** One living instance of the account. The truth of this moment: only lists lag. */
export function findInstance(desk: Desk, id: string): SimInstance | undefined {
  const instance = desk.market.instance(id);
  return instance?.market === 'vastai' && instance.state !== 'gone' ? instance : undefined;
}

/** `GET /api/v0/instances/{id}/`: one object, or null, under a plural name (§8.3). */
export function showInstance(desk: Desk, id: string): SimReply {
  if (!isInstanceId(id)) return invalidArgs('invalid instance_id');
  const instance = findInstance(desk, id);
  if (instance) return json(200, { instances: instanceRow(desk, instance) });
  return desk.quirks.missingInstanceAs === '404'
    ? noSuchInstance(id)
    : json(200, { instances: null });
}

/** `PUT /api/v0/instances/{id}/`: start, stop, label (§11). */
export function changeInstance(desk: Desk, id: string, body: JsonObject): SimReply {
  if (!findInstance(desk, id)) return noSuchInstance(id);
  if (typeof body['label'] === 'string') return relabel(desk, id, body['label']);
  if (body['state'] === 'running') return start(desk, id);
  if (body['state'] === 'stopped') return stop(desk, id);
  return invalidArgs('error 400/3481: Invalid args: state or label is required');
}

/** Accepted for whatever exists: the container restarts on the GPUs that it has. */
export function rebootInstance(desk: Desk, id: string): SimReply {
  return findInstance(desk, id) ? json(200, { success: true }) : noSuchInstance(id);
}

/** `PUT /api/v0/instances/bid_price/{id}/`. The running price stays what was bid first: the marketplace holds no auction. */
export function changeBid(desk: Desk, id: string, body: JsonObject): SimReply {
  const instance = findInstance(desk, id);
  if (!instance) return noSuchInstance(id);
  const price = body['price'] ?? null;
  if (price === null) return json(200, { success: true });
  const ceiling = MAX_BID_PER_GPU * instance.gpuCount;
  if (typeof price !== 'number' || price < MIN_BID || price > ceiling) {
    return invalidArgs(`Please set a bid price >= ${MIN_BID}.`);
  }
  return json(200, { success: true });
}

/** `DELETE /api/v0/instances/{id}/`; asked again, it says that there is nothing (§11.1). */
export function destroyInstance(desk: Desk, id: string): SimReply {
  if (!isInstanceId(id)) return invalidArgs('invalid instance_id');
  if (!findInstance(desk, id)) return noSuchInstance(id);
  desk.contracts.unqueue(id);
  desk.market.destroy(id);
  return json(200, { success: true, msg: 'Instance destroyed successfully' });
}

/** Queued is no refusal: the instance starts, and bills, when the GPUs come free. */
function start(desk: Desk, id: string): SimReply {
  switch (desk.market.start(id)) {
    case 'started':
      desk.contracts.unqueue(id);
      return json(200, { success: true });
    case 'queued':
      queue(desk, id);
      return json(200, {
        success: false,
        msg: 'Required resources are currently unavailable, state change queued.',
      });
    case 'unknown':
      return noSuchInstance(id);
    case 'refused':
      return invalidArgs(`error 400/3482: Invalid args: the contract of instance ${id} has ended.`);
    case 'unpaid':
      return failure(400, 'missing_billing', { msg: 'Add credit before you start instances.' });
  }
}

/** A start that still waits is called off by it. */
function stop(desk: Desk, id: string): SimReply {
  desk.contracts.unqueue(id);
  desk.market.stop(id, { release: true });
  return json(200, { success: true });
}

function queue(desk: Desk, id: string): void {
  const instance = findInstance(desk, id);
  if (instance) desk.contracts.queue(instance);
}

function relabel(desk: Desk, id: string, label: string): SimReply {
  if (label.length > MAX_LABEL_LENGTH) {
    return failure(400, 'label_too_long', { msg: 'Label is too long.' });
  }
  desk.market.relabel(id, label);
  return json(200, { success: true, msg: `label for ${id} set to '${label}'` });
}

function isInstanceId(id: string): boolean {
  return /^\d+$/.test(id);
}
