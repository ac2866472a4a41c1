import type { FastifyReply } from 'fastify';
import { HOUR_MS, toRfc3339 } from '../../domain/time.ts';
import { unknownSession } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { strongTag, weakTag } from '../plugins/etags.ts';
import { originOf } from '../request-traces.ts';
import {
  IDEMPOTENCY_HEADER,
  IDEMPOTENCY_HEADERS,
  idempotencyOf,
  idempotencyProblems,
} from '../requests/idempotency.ts';
import { sessionRequest } from '../requests/session-request.ts';
import { sessionProblems } from '../requests/session-rules.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { NoBody, NoQuery } from '../schemas/fields.ts';
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
import { sendJson } from '../send-json.ts';
import type { ServerParts } from '../server-parts.ts';
import { refuseProblems } from '../validation/problem.ts';
import { schemaProblems } from '../validation/schema-problems.ts';
import { known } from '../views/known.ts';
import { SessionRows } from '../views/session-rows.ts';
import { sessionView, type ViewTerms } from '../views/session-view.ts';
import { SESSION_PARAMS, sessionIdOf } from './session-id.ts';

const CREATE_REFUSALS = [
  'not_found',
  'insufficient_disk',
  'no_matching_offer',
  'idempotency_conflict',
  'stale_inventory',
  'provider_error',
  'provider_unavailable',
] as const;

interface SessionParts
  extends Pick<
    ServerParts,
    'sessions' | 'providers' | 'now' | 'hardLimitMs' | 'preservedMaxAgeMs'
  > {
  readonly rowsFor: (reply: FastifyReply) => SessionRows;
}

/** The schemas are compiled through an answer, so that the first one makes what all of them use. */
function rowsOnce(): SessionParts['rowsFor'] {
  let rows: SessionRows | undefined;
  return (reply) => {
    rows ??= new SessionRows({
      session: reply.compileSerializationSchema(SessionAnswer),
      page: reply.compileSerializationSchema(SessionsAnswer),
    });
    return rows;
  };
}

function termsOf({ now, preservedMaxAgeMs }: SessionParts): ViewTerms {
  return { now: now(), preservedMaxAgeMs };
}

export function registerSessions(app: AppServer, given: Omit<SessionParts, 'rowsFor'>): void {
  const parts = { ...given, rowsFor: rowsOnce() };
  registerCreate(app, parts);
  registerList(app, parts);
  registerOne(app, parts);
  registerDone(app, parts);
  registerDestroy(app, parts);
  registerExtend(app, parts);
  registerResume(app, parts);
}

function registerCreate(app: AppServer, parts: SessionParts): void {
  const hardLimitHours = Math.max(1, Math.floor(parts.hardLimitMs / HOUR_MS));
  const schema = {
    operationId: 'createSession',
    summary: 'Rent',
    description:
      'Takes an offer by its id, or lets the broker pick one by `requirements`. Poll the session until it is `running`. With an `Idempotency-Key` the same request sent again is answered with the same session and never rents twice; after an error it is a new try.',
    tags: ['Sessions'],
    querystring: NoQuery,
    body: createSessionBody({
      providers: parts.providers,
      maxReservationHours: Math.min(MAX_RESERVATION_HOURS, hardLimitHours),
    }),
    response: {
      201: answer(CreatedSessionAnswer, {
        description: 'Rented, or about to be. The private key is given here and nowhere else.',
        headers: ['Location'],
      }),
      ...errorAnswers(...CREATE_REFUSALS),
    },
  };
  // The schema's verdict is attached, not thrown, so that its problems and those of our rules are told together.
  const config = { changesRentals: true, requestHeaders: IDEMPOTENCY_HEADERS } as const;
  const options = { schema, config, attachValidation: true } as const;
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
    const { session, privateKey, agentToken } = await parts.sessions.create({
      request: sessionRequest(body),
      origin: originOf(request),
      ...idempotencyOf(key, body, callerName),
    });
    reply.code(201).header('location', `/sessions/${session.id}`);
    return {
      session: sessionView(session, termsOf(parts)),
      ...known({ ssh_private_key: privateKey, agent_token: agentToken }),
    };
  });
}

function registerList(app: AppServer, parts: SessionParts): void {
  const { sessions, providers } = parts;
  const schema = {
    operationId: 'listSessions',
    summary: 'Sessions, newest first',
    tags: ['Sessions'],
    querystring: sessionsQuery(providers),
    response: {
      200: answer(SessionsAnswer, { description: 'One page of sessions.' }),
      ...errorAnswers(),
    },
  };
  app.get('/sessions', { schema }, async (request, reply) => {
    const { consumer_id: consumerId, status, provider, limit = 100, offset = 0 } = request.query;
    const page = await sessions.page({ limit, offset, ...known({ consumerId, status, provider }) });
    return sendJson(reply, parts.rowsFor(reply).page(page, termsOf(parts)));
  });
}

function registerOne(app: AppServer, parts: SessionParts): void {
  const { sessions } = parts;
  const schema = {
    operationId: 'getSession',
    summary: 'One session',
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    response: {
      200: answer(SessionAnswer, { description: 'The session as it is now.' }),
      ...errorAnswers('not_found'),
    },
  };
  app.get('/sessions/:id', { schema, config: { hasEtag: true } }, async (request, reply) => {
    const id = sessionIdOf(request.params.id);
    const session = await sessions.get(id);
    if (!session) throw unknownSession(id);
    const { text, digest, isWhole } = parts.rowsFor(reply).one(session, termsOf(parts));
    reply.etag = isWhole ? strongTag(digest) : weakTag(digest);
    return sendJson(reply, text);
  });
}

function registerDone(app: AppServer, { sessions }: SessionParts): void {
  const schema = {
    operationId: 'finishSession',
    summary: 'Say that the work is done; the session ends soon',
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    body: NoBody,
    response: {
      200: answer(SessionMessage, { description: 'Written down; its end is asked for at once.' }),
      ...errorAnswers('not_found', 'conflict'),
    },
  };
  const config = { changesRentals: true } as const;
  app.post('/sessions/:id/done', { schema, config }, async (request) => {
    const id = sessionIdOf(request.params.id);
    await sessions.done(id, originOf(request));
    return { message: 'session shutdown initiated', session_id: id };
  });
}

function registerDestroy(app: AppServer, { sessions }: SessionParts): void {
  const schema = {
    operationId: 'destroySession',
    summary: 'End the session now and wait for the proof of it',
    description: 'Legal in every state, also twice. Answers within 25 seconds.',
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    body: NoBody,
    response: {
      200: answer(SessionMessage, { description: 'The provider confirms that it has ended.' }),
      202: answer(SessionMessage, { description: 'Not confirmed yet; the broker keeps at it.' }),
      ...errorAnswers('not_found'),
    },
  };
  const config = { changesRentals: true } as const;
  app.delete('/sessions/:id', { schema, config }, async (request, reply) => {
    const id = sessionIdOf(request.params.id);
    const isProven = (await sessions.destroy(id, originOf(request))) === 'destroyed';
    reply.code(isProven ? 200 : 202);
    const message = isProven ? 'session destroyed' : 'session shutdown initiated';
    return { message, session_id: id };
  });
}

function registerExtend(app: AppServer, { sessions }: SessionParts): void {
  const schema = {
    operationId: 'extendSession',
    summary: 'Move the end of the session',
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    body: ExtendBody,
    response: {
      200: answer(ExtendedAnswer, { description: 'The end was moved.' }),
      ...errorAnswers('not_found', 'conflict', 'hard_limit'),
    },
  };
  const config = { changesRentals: true } as const;
  app.post('/sessions/:id/extend', { schema, config }, async (request) => {
    const id = sessionIdOf(request.params.id);
    const expiresAt = await sessions.extend(id, request.body.additional_hours, originOf(request));
    return { message: 'session extended', session_id: id, new_expires_at: toRfc3339(expiresAt) };
  });
}

function registerResume(app: AppServer, parts: SessionParts): void {
  const { sessions } = parts;
  const schema = {
    operationId: 'resumeSession',
    summary: 'Run a preserved session again',
    description:
      'Only a session that was stopped with its disk kept can be resumed: on the same machine, with the same id and key, for its reservation hours anew as far as the hard limit leaves them. Answers as soon as the provider has taken the start; poll the session until it is `running`. Where the GPUs are somebody else’s by now the answer is 503 `provider_unavailable`, the disk is kept, and nothing is left waiting that could start, and be billed, later.',
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    body: NoBody,
    response: {
      200: answer(SessionAnswer, { description: 'The session, coming up again.' }),
      ...errorAnswers(
        'not_found',
        'conflict',
        'hard_limit',
        'provider_error',
        'provider_unavailable',
      ),
    },
  };
  const config = { changesRentals: true } as const;
  app.post('/sessions/:id/resume', { schema, config }, async (request) => {
    const id = sessionIdOf(request.params.id);
    return sessionView(await sessions.resume(id, originOf(request)), termsOf(parts));
  });
}
