import { type JsonObject, json } from '../json.ts';
import type { SimReply } from '../model.ts';
import type { Desk } from './desk.ts';
import { failure, noSuchInstance } from './errors.ts';
import { findInstance } from './instances.ts';
import { keyBody, keyId } from './ssh-key.ts';

/** `POST /api/v0/instances/{id}/ssh/`: works while the instance is still coming up (§12.2). */
export function attachKey(desk: Desk, id: string, body: JsonObject): SimReply {
  const publicKey = body['ssh_key'];
  if (typeof publicKey !== 'string' || publicKey.trim() === '') {
    return failure(400, 'no_ssh_key', { msg: 'ssh_key is required.' });
  }
  if (!findInstance(desk, id)) return noSuchInstance(id);
  if (desk.market.keys(id).some((known) => keyBody(known) === keyBody(publicKey))) {
    return failure(400, 'invalid_request', { msg: 'SSH key already attached to instance.' });
  }
  return desk.market.attachKey(id, publicKey)
    ? json(200, { success: true, msg: 'SSH key attached successfully' })
    : failure(400, 'invalid_request', { msg: 'SSH key cannot be attached now.' });
}

/** The rows are JSON inside a string. */
export function listInstanceKeys(desk: Desk, id: string): SimReply {
  if (!findInstance(desk, id)) return noSuchInstance(id);
  const keys = desk.market.keys(id).map((publicKey) => ({
    id: keyId(publicKey),
    name: publicKey.split(/\s+/)[2] ?? '',
    public_key: publicKey,
  }));
  return json(200, { success: true, ssh_keys: JSON.stringify(keys) });
}

export function detachKey(desk: Desk, id: string, wantedKeyId: string): SimReply {
  if (!/^\d+$/.test(wantedKeyId)) {
    return failure(400, 'invalid_request', { msg: 'Invalid SSH key id.' });
  }
  if (!findInstance(desk, id)) return noSuchInstance(id);
  const publicKey = desk.market.keys(id).find((known) => keyId(known) === Number(wantedKeyId));
  if (publicKey === undefined) {
    return failure(404, 'no_such_ssh_key', { msg: `SSH key ${wantedKeyId} not found.` });
  }
  desk.market.removeKey(id, publicKey);
  return json(200, { success: true, msg: 'SSH key removed from instance.' });
}
