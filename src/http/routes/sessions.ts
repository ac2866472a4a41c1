import { BrokerError } from '../../domain/errors.ts';
import { isSessionId } from '../../domain/ids.ts';
import { HOUR_MS, toRfc3339 } from '../../domain/time.ts';
import type { AppServer } from '../app-server.ts';
import { IDEMPOTENCY_HEADER, idempotencyOf, idempotencyProblems } from '../requests/idempotency.ts';
import { sessionRequest } from '../requests/session-request.ts';
import { sessionProblems } from '../requests/session-rules.ts';
import { ErrorAnswers } from '../schemas/error-schemas.ts';
import { IdParams, NoBody, NoQuery } from '../schemas/fields.ts';
import {
  CreatedSessionAnswer,
  createSessionBody,
  ExtendBody,
  ExtendedAnswer,
  MAX_RESERVATION_HOURS,
  SessionAnswer,
  SessionMessage,
  SessionsAnswer,
  sessionsQuery,
} from '../schemas/session-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { refuseProblems } from '../validation/problem.ts';
import { schemaProblems } from '../validation/schema-problems.ts';
import { known } from '../views/known.ts';
import { sessionsView, sessionView } from '../views/session-view.ts';

type SessionParts = Pick<ServerParts, 'sessions' | 'providers' | 'now' | 'hardLimitMs'>;

export function registerSessions(app: AppServer, parts: SessionParts): void {
  registerCreate(app, parts);
  registerList(app, parts);
  registerOne(app, parts);
  registerDone(app, parts);
  registerDestroy(app, parts);
  registerExtend(app, parts);
}

function registerCreate(app: AppServer, parts: SessionParts): void {
  const hardLimitHours = Math.max(1, Math.floor(parts.hardLimitMs / HOUR_MS));
  const schema = {
    summary: 'Rent',
    querystring: NoQuery,
    body: createSessionBody({
      providers: parts.providers,
      maxReservationHours: Math.min(MAX_RESERVATION_HOURS, hardLimitHours),
    }),
    response: { 201: CreatedSessionAnswer, ...ErrorAnswers },
  };
  // The schema's verdict is attached, not thrown, so that its problems and those of our rules are told together.
  const options = { schema, config: { changesRentals: true }, attachValidation: true } as const;
  app.post('/sessions', options, async (request, reply) => {
    const { body, headers, validationError, callerName } = request;
    const key = headers[IDEMPOTENCY_HEADER];
    refuseProblems([
      ...schemaProblems(
        validationError?.validation ?? [],
        validationError?.validationContext ?? 'body',
      ),
      ...sessionProblems(body),
      ...idempotencyProblems(key),
    ]);
    const { session, privateKey } = await parts.sessions.create({
      request: sessionRequest(body),
      ...idempotencyOf(key, body, callerName),
    });
    reply.code(201).header('location', `/sessions/${session.id}`);
    return {
      session: sessionView(session, parts.now()),
      ...known({ ssh_private_key: privateKey }),
    };
  });
}

function registerList(app: AppServer, { sessions, providers, now }: SessionParts): void {
  const schema = {
    summary: 'Sessions, newest first',
    querystring: sessionsQuery(providers),
    response: { 200: SessionsAnswer, ...ErrorAnswers },
  };
  app.get('/sessions', { schema }, async (request) => {
    const { consumer_id: consumerId, status, provider, limit = 100, offset = 0 } = request.query;
    const page = await sessions.page({ limit, offset, ...known({ consumerId, status, provider }) });
    return sessionsView(page, now());
  });
}

function registerOne(app: AppServer, { sessions, now }: SessionParts): void {
  const schema = {
    summary: 'One session',
    params: IdParams,
    querystring: NoQuery,
    response: { 200: SessionAnswer, ...ErrorAnswers },
  };
  app.get('/sessions/:id', { schema, config: { hasEtag: true } }, async (request) => {
    const session = await sessions.get(sessionIdOf(request.params.id));
    if (!session) throw unknownSession();
    return sessionView(session, now());
  });
}

function registerDone(app: AppServer, { sessions }: SessionParts): void {
  const schema = {
    summary: 'Say that the work is done; the session ends soon',
    params: IdParams,
    querystring: NoQuery,
    body: NoBody,
    response: { 200: SessionMessage, ...ErrorAnswers },
  };
  const config = { changesRentals: true } as const;
  app.post('/sessions/:id/done', { schema, config }, async (request) => {
    const id = sessionIdOf(request.params.id);
    await sessions.done(id);
    return { message: 'session shutdown initiated', session_id: id };
  });
}

function registerDestroy(app: AppServer, { sessions }: SessionParts): void {
  const schema = {
    summary: 'End the session now and wait for the proof of it',
    params: IdParams,
    querystring: NoQuery,
    body: NoBody,
    response: { 200: SessionMessage, 202: SessionMessage, ...ErrorAnswers },
  };
  const config = { changesRentals: true } as const;
  app.delete('/sessions/:id', { schema, config }, async (request, reply) => {
    const id = sessionIdOf(request.params.id);
    const isProven = (await sessions.destroy(id)) === 'destroyed';
    reply.code(isProven ? 200 : 202);
    const message = isProven ? 'session destroyed' : 'session shutdown initiated';
    return { message, session_id: id };
  });
}

function registerExtend(app: AppServer, { sessions }: SessionParts): void {
  const schema = {
    summary: 'Move the end of the session',
    params: IdParams,
    querystring: NoQuery,
    body: ExtendBody,
    response: { 200: ExtendedAnswer, ...ErrorAnswers },
  };
  const config = { changesRentals: true } as const;
  app.post('/sessions/:id/extend', { schema, config }, async (request) => {
    const id = sessionIdOf(request.params.id);
    const expiresAt = await sessions.extend(id, request.body.additional_hours);
    return { message: 'session extended', session_id: id, new_expires_at: toRfc3339(expiresAt) };
  });
}

/** An id of another form was never given out, so it is unknown rather than wrong. */
function sessionIdOf(text: string): string {
  if (!isSessionId(text)) throw unknownSession();
  return text;
}

function unknownSession(): BrokerError {
  return new BrokerError('not_found', 'there is no such session');
}
