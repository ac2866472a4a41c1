import { isObject, type JsonObject } from '../json.ts';
import type { SimReply } from '../model.ts';
import { failure, invalidArgs, serverError } from './errors.ts';
import { MAX_PORTS, publishedPorts } from './published-ports.ts';
import { DEFAULT_RUNTYPE, storedRuntype } from './runtype.ts';
import { mergedEnv } from './template-env.ts';
import { type Read, type Row, read, refused } from './wire.ts';

/** A create as the server understood it: body and template merged, defaults filled in. */
export interface CreateOrder {
  readonly image: string;
  readonly label: string | null;
  readonly diskGb: number;
  /** As stored, e.g. `ssh_direc ssh_proxy`. */
  readonly runtype: string;
  readonly env: readonly (readonly [string, string])[];
  readonly onstart: string | null;
  readonly args: readonly string[];
  /** $/h for the whole offer; null = on-demand. */
  readonly bid: number | null;
  readonly startsRunning: boolean;
  /** Rather fail than be left with a stopped instance. */
  readonly cancelUnavailable: boolean;
}

const MIN_DISK_GB = 8;
const DEFAULT_DISK_GB = 10;
const MAX_IMAGE_LENGTH = 1_024;
const MAX_ARGS_LENGTH = 16_384;
const MAX_LABEL_LENGTH = 256;
const MAX_ENV_KEY_LENGTH = 256;
const MAX_ENV_LENGTH = 32_768;
const MIN_BID = 0.001;
const MAX_BID = 128;

/** Reads the body of `PUT asks/{id}/`; what it leaves out, the template says (§15.4). */
export function readCreateOrder(body: JsonObject, template: Row | undefined): Read<CreateOrder> {
  const bid = typeof body['price'] === 'number' ? body['price'] : null;
  const runtype = storedRuntype(askedRuntype(body, template));
  if (runtype === undefined) return refused(invalidArgs('error 400/3470: Invalid args: runtype'));
  const order: CreateOrder = {
    image: textOf(body['image']) ?? templateImage(template) ?? '',
    label: textOf(body['label']) ?? null,
    diskGb: numberOf(body['disk'] ?? template?.['recommended_disk_space']) ?? DEFAULT_DISK_GB,
    runtype,
    env: mergedEnv(textOf(template?.['env']) ?? '', isObject(body['env']) ? body['env'] : {}),
    onstart: textOf(body['onstart']) ?? textOf(template?.['onstart']) ?? null,
    args: argsOf(body, template),
    bid,
    startsRunning: body['target_state'] !== 'stopped',
    cancelUnavailable: cancels(body, bid),
  };
  const refusal = refusalOf(order);
  return refusal ? refused(refusal) : read(order);
}

function refusalOf(order: CreateOrder): SimReply | undefined {
  const argsLength = order.args.join('').length + (order.onstart ?? '').length;
  if (order.image === '') return invalidArgs("error 400/3467: Invalid args: 'image' is required");
  // Seen live where a client had built the name from a tag that it did not have.
  if (order.image.endsWith(':')) return serverError();
  if (
    order.image.length > MAX_IMAGE_LENGTH ||
    argsLength > MAX_ARGS_LENGTH ||
    (order.label ?? '').length > MAX_LABEL_LENGTH
  ) {
    return invalidArgs(
      'error 400/3471: Invalid args: len(image) > 1024, or len(args) > 16384, or len(label) > 256',
    );
  }
  if (order.diskGb < MIN_DISK_GB) {
    return invalidArgs(`error 400/3472: Invalid args: disk must be at least ${MIN_DISK_GB}`);
  }
  if (!isEnvShortEnough(order.env))
    return invalidArgs('error 400/3473: Invalid args: env too long');
  if (publishedPorts(order.env).length > MAX_PORTS)
    return invalidArgs(`error 400/3476: Invalid args: more than ${MAX_PORTS} ports`);
  if (order.bid !== null && (order.bid < MIN_BID || order.bid > MAX_BID)) {
    return failure(400, 'invalid_price', {
      msg: `Please set a price between ${MIN_BID} and ${MAX_BID}.`,
    });
  }
  return undefined;
}

function isEnvShortEnough(env: CreateOrder['env']): boolean {
  const length = env.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return length <= MAX_ENV_LENGTH && env.every(([key]) => key.length <= MAX_ENV_KEY_LENGTH);
}

/** §7.1: a bid waits in line unless told otherwise, an on-demand rental that is to run does not. */
function cancels(body: JsonObject, bid: number | null): boolean {
  if (typeof body['cancel_unavail'] === 'boolean') return body['cancel_unavail'];
  return bid === null && body['target_state'] !== 'stopped';
}

function askedRuntype(body: JsonObject, template: Row | undefined): string {
  const hasArgs = body['args'] !== undefined || body['args_str'] !== undefined;
  return (
    textOf(body['runtype']) ?? textOf(template?.['runtype']) ?? (hasArgs ? 'args' : DEFAULT_RUNTYPE)
  );
}

function argsOf(body: JsonObject, template: Row | undefined): readonly string[] {
  if (Array.isArray(body['args'])) return body['args'].map(String);
  const line = textOf(body['args_str']) ?? textOf(template?.['args_str']);
  return line === undefined ? [] : [line];
}

function templateImage(template: Row | undefined): string | undefined {
  const image = textOf(template?.['image']);
  const tag = textOf(template?.['tag']);
  return image !== undefined && tag !== undefined ? `${image}:${tag}` : image;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
