import type { Selectable } from 'kysely';
import type { Instance } from '../domain/instance.ts';
import { isFinalInstance } from '../domain/instance.ts';
import type { Session } from '../domain/session.ts';
import { currentInstance, isTerminalStatus } from '../domain/session.ts';
import { type Nulls, withNulls, withoutNulls } from './absent.ts';
import { parseFormerEnd, parseRequest } from './stored-json.ts';
import type { PlainSessionFields, SessionTable } from './tables.ts';

const NULLS: Nulls<PlainSessionFields> = {
  sealedPrivateKey: null,
  runningAt: null,
  stopAskedAt: null,
  stopReason: null,
  stoppedAt: null,
  discardAskedAt: null,
  ranBeforeMs: null,
  agentTokenHash: null,
  lastActiveAt: null,
  idleSince: null,
  lastIdleAt: null,
  idleWarnedAt: null,
  idleEndsAt: null,
  interruptedAt: null,
  leftMs: null,
};

export function toSessionRow(session: Session): SessionTable {
  const { request, error, formerEnd, instances: _, ...plain } = session;
  return {
    ...withNulls<PlainSessionFields>(NULLS, plain),
    consumerId: request.consumerId,
    request: JSON.stringify(request),
    open: isOpen(session) ? 1 : 0,
    provider: currentInstance(session)?.provider ?? null,
    errorCode: error?.code ?? null,
    errorMessage: error?.message ?? null,
    formerEnd: formerEnd === undefined ? null : JSON.stringify(formerEnd),
  };
}

export function toSession(row: Selectable<SessionTable>, instances: readonly Instance[]): Session {
  const {
    consumerId: _c,
    request,
    open: _o,
    provider: _p,
    errorCode,
    errorMessage,
    formerEnd,
    ...plain
  } = row;
  return {
    ...withoutNulls(plain),
    request: parseRequest(request),
    ...(errorCode !== null && { error: { code: errorCode, message: errorMessage ?? '' } }),
    ...(formerEnd !== null && { formerEnd: parseFormerEnd(formerEnd) }),
    instances,
  };
}

/** While this holds, somebody has to look after the session. */
function isOpen(session: Session): boolean {
  return (
    !isTerminalStatus(session.status) ||
    session.instances.some((instance) => !isFinalInstance(instance.state))
  );
}
