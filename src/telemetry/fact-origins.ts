import { parseTag, type SessionId } from '../domain/ids.ts';
import type { Origin } from '../ports/origin.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';

/** Sessions whose last asking is remembered; of the one that was asked something longest ago it is forgotten first. */
const MAX_SESSIONS = 20_000;

/** For which request each session is worked on. Kept in memory: what a restart finds is worked on for nobody in particular. */
export type SessionOrigins = BoundedMap<SessionId, Origin>;

export function createSessionOrigins(): SessionOrigins {
  return new BoundedMap(MAX_SESSIONS);
}

/** The session that a fact is about, by its id or by the tag of an instance of its; undefined where it is about none. */
export function sessionOf(fact: object): SessionId | undefined {
  if ('sessionId' in fact && typeof fact.sessionId === 'string') return fact.sessionId;
  if (!('tag' in fact) || typeof fact.tag !== 'string') return undefined;
  return parseTag(fact.tag)?.sessionId;
}

/** As they stand on a line. */
export function originFields(origin: Origin | undefined): Readonly<Record<string, string>> {
  if (!origin) return {};
  const { requestId, trace } = origin;
  return { request_id: requestId, ...(trace ? { trace_id: trace.traceId } : {}) };
}
