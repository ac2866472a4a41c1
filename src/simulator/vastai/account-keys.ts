import { type JsonObject, json } from '../json.ts';
import type { SimReply } from '../model.ts';
import { failure } from './errors.ts';
import { keyId } from './ssh-key.ts';
import { type Row, text } from './wire.ts';

/** Keys of the account: every instance that is rented from then on gets them. */
export interface AccountKeys {
  list(): readonly AccountKey[];
  add(publicKey: string, createdAtMs: number): AccountKey;
  replace(id: number, publicKey: string): boolean;
  remove(id: number): boolean;
}

export interface AccountKey {
  readonly id: number;
  readonly publicKey: string;
  readonly createdAtMs: number;
}

const USER_ID = 1_001;

export function createAccountKeys(): AccountKeys {
  const keys = new Map<number, AccountKey>();
  return {
    list: () => [...keys.values()],
    add(publicKey, createdAtMs) {
      const key = { id: keyId(publicKey), publicKey, createdAtMs };
      keys.set(key.id, key);
      return key;
    },
    replace(id, publicKey) {
      const key = keys.get(id);
      if (key) keys.set(id, { ...key, publicKey });
      return key !== undefined;
    },
    remove: (id) => keys.delete(id),
  };
}

/** An account without keys is told so by a 404 (§12.2). */
export function listAccountKeys(keys: AccountKeys): SimReply {
  const rows = keys.list().map(({ publicKey, ...key }) => ({ ...keyRow(key), key: publicKey }));
  return rows.length === 0 ? text(404, 'No SSH keys found for the user.') : json(200, rows);
}

/** Whatever text comes is stored, a file's path too. */
export function addAccountKey(keys: AccountKeys, body: JsonObject, nowMs: number): SimReply {
  const publicKey = body['ssh_key'];
  if (typeof publicKey !== 'string' || publicKey === '') return noKey();
  const row = { ...keyRow(keys.add(publicKey, nowMs)), public_key: publicKey };
  return json(200, { success: true, key: row });
}

export function replaceAccountKey(keys: AccountKeys, id: string, body: JsonObject): SimReply {
  const publicKey = body['ssh_key'];
  const isReplaced = typeof publicKey === 'string' && keys.replace(Number(id), publicKey);
  return isReplaced ? json(200, { success: true }) : noKey();
}

export function removeAccountKey(keys: AccountKeys, id: string): SimReply {
  return keys.remove(Number(id)) ? json(200, { success: true }) : noKey();
}

function keyRow(key: Pick<AccountKey, 'id' | 'createdAtMs'>): Row {
  return {
    id: key.id,
    user_id: USER_ID,
    created_at: new Date(key.createdAtMs).toISOString(),
    deleted_at: null,
  };
}

function noKey(): SimReply {
  return failure(400, 'no_ssh_key', { msg: 'No such SSH key.' });
}
