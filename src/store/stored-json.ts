import type { ActivityRecord } from '../domain/activity/activity.ts';
import type { BrokerEvent } from '../domain/events.ts';
import type { Mismatch } from '../domain/machine-check.ts';
import type { MachineReport } from '../domain/machine-report.ts';
import type { Offer } from '../domain/offer.ts';
import type { FormerEnd, SessionRequest } from '../domain/session.ts';
import type { Workload } from '../domain/workload.ts';
import type { ClockHistory } from '../ports/store.ts';
import { StoreError } from './store-error.ts';

const LOGIN: Workload = { kind: 'ssh' };

export function parseOffer(text: string): Offer {
  return parse(text, isOffer);
}

export function parseRequest(text: string): SessionRequest {
  const request = parse(text, isRequest);
  // Requests from before there were workloads were all for a login.
  return 'workload' in request ? request : Object.assign({ workload: LOGIN }, request);
}

export function parseMachine(text: string): MachineReport {
  return parse(text, isMachine);
}

export function parseMismatches(text: string): readonly Mismatch[] {
  return parse(text, isMismatches);
}

export function parseFormerEnd(text: string): FormerEnd {
  return parse(text, isFormerEnd);
}

type ActivityBody = Omit<ActivityRecord, 'sessionId' | 'at' | 'source'>;

export function parseActivity(text: string): ActivityBody {
  return parse(text, isActivity);
}

export function parseClockHistory(text: string): ClockHistory {
  return parse(text, isClockHistory);
}

export function parseEvent(text: string): BrokerEvent {
  return parse(text, isEvent);
}

/** Looks only at what tells one shape from another: this text was written by this store, from a typed value. */
function parse<T>(text: string, is: (value: unknown) => value is T): T {
  const value: unknown = JSON.parse(text);
  if (!is(value))
    throw new StoreError('unreadable', 'A JSON column does not hold what was stored in it.');
  return value;
}

function isOffer(value: unknown): value is Offer {
  return isRecord(value) && typeof value['gpuType'] === 'string' && isRecord(value['price']);
}

function isRequest(value: unknown): value is SessionRequest {
  return isRecord(value) && typeof value['consumerId'] === 'string' && isRecord(value['choice']);
}

function isEvent(value: unknown): value is BrokerEvent {
  return isRecord(value) && typeof value['kind'] === 'string' && typeof value['at'] === 'number';
}

/** JSON leaves out what was undefined, which reads as undefined again. */
function isMachine(value: unknown): value is MachineReport {
  return isRecord(value);
}

function isMismatches(value: unknown): value is readonly Mismatch[] {
  return Array.isArray(value) && value.every((one) => isRecord(one) && 'kind' in one);
}

function isActivity(value: unknown): value is ActivityBody {
  return isRecord(value) && 'verdict' in value && Array.isArray(value['because']);
}

function isClockHistory(value: unknown): value is ClockHistory {
  return isRecord(value) && typeof value['upMs'] === 'number' && Array.isArray(value['settings']);
}

function isFormerEnd(value: unknown): value is FormerEnd {
  return isRecord(value) && typeof value['reservationHours'] === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
