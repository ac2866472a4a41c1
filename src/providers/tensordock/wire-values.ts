import { Type } from '@sinclair/typebox';
import { MICRO_PER_USD, type MicroUsd } from '../../domain/money.ts';
import type { EpochMs } from '../../domain/time.ts';
import { isPlausibleUsd } from '../plausible-usd.ts';

/** Ids ride in paths, so that nothing but what a uuid or a slug is made of passes the door. */
export const PlainId = Type.String({ pattern: '^[A-Za-z0-9_-]{1,128}$' });

/** A field that may be left out or null. */
export const OptionalText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** Money and sizes come as numbers from some endpoints and as decimal text from others. */
export const Amount = Type.Union([Type.Number(), Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' })]);
export const OptionalAmount = Type.Optional(Type.Union([Amount, Type.Null()]));

/** An hourly rate in dollars; undefined when missing or not positive, which is what a machine shows while being made. */
export function hourlyRate(usd: number | string | null | undefined): MicroUsd | undefined {
  const micro = Math.round(Number(usd ?? 0) * MICRO_PER_USD);
  return micro > 0 && isPlausibleUsd(Number(usd)) ? micro : undefined;
}

/** RFC 3339 or RFC 1123 text; text without a zone is UTC. Undefined for anything else. */
export function instant(text: string | null | undefined): EpochMs | undefined {
  if (!text) return undefined;
  const isBare = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text);
  const at = Date.parse(isBare ? `${text.replace(' ', 'T')}Z` : text);
  return Number.isNaN(at) ? undefined : at;
}

/** An address or DNS name that one can connect to; a placeholder, an empty text or a bare uuid is none. */
export function reachableHost(text: string | null | undefined): string | undefined {
  const host = text?.trim() ?? '';
  if (host === '0.0.0.0' || !/^[A-Za-z0-9.:-]{3,253}$/.test(host)) return undefined;
  return /[.:]/.test(host) ? host : undefined;
}
