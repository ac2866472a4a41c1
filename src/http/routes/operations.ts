import { Type } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import { toRfc3339 } from '../../domain/time.ts';
import type { AppServer } from '../app-server.ts';
import { answerPlain } from '../plain-requests.ts';
import { answer, answerIn } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { NoQuery } from '../schemas/fields.ts';
import { HealthAnswer, ReadyAnswer } from '../schemas/health-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { healthView } from '../views/health-view.ts';

type OperationParts = Pick<
  ServerParts,
  'menu' | 'incidents' | 'accounts' | 'phase' | 'now' | 'metricsText'
>;

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** What watches over the broker has no token and is never kept out. */
const PROBE = { isPublic: true, isUnlimited: true } as const;

/** What an operator asks for. */
export function registerOperations(app: AppServer, parts: OperationParts): void {
  registerHealth(app, parts);
  registerReady(app, parts);
  registerMetrics(app, parts);
}

function registerHealth(app: AppServer, parts: OperationParts): void {
  const { menu, incidents, accounts, phase, now } = parts;
  const schema = {
    operationId: 'getHealth',
    summary: 'How the broker is',
    description:
      'An outage of a provider or an incident is no 503: starting the broker again would not mend it.',
    tags: ['Operations'],
    querystring: NoQuery,
    response: {
      200: answer(HealthAnswer, { description: 'Sessions can be had.' }),
      503: answer(HealthAnswer, { description: 'The broker is starting or stopping.' }),
      ...errorAnswers(),
    },
  };
  const send = (reply: FastifyReply): FastifyReply => {
    const health = healthView(
      { phase: phase(), menu: menu.health(), incidents: incidents(), accounts: accounts() },
      now(),
    );
    return reply.code(health.status === 'ok' ? 200 : 503).send(health);
  };
  const onRequest = answerPlain((_request, reply) => send(reply));
  app.get('/health', { schema, config: PROBE, onRequest }, async (_request, reply) => send(reply));
}

function registerReady(app: AppServer, { phase, now }: OperationParts): void {
  const schema = {
    operationId: 'getReadiness',
    summary: 'Whether sessions can be had now',
    tags: ['Operations'],
    querystring: NoQuery,
    response: {
      200: answer(ReadyAnswer, { description: 'They can.' }),
      503: answer(ReadyAnswer, { description: 'They cannot: the broker is starting or stopping.' }),
      ...errorAnswers(),
    },
  };
  app.get('/ready', { schema, config: PROBE }, async (_request, reply) => {
    const ready = phase() === 'running';
    reply.code(ready ? 200 : 503);
    return { ready, timestamp: toRfc3339(now()) };
  });
}

function registerMetrics(app: AppServer, { metricsText }: OperationParts): void {
  const schema = {
    operationId: 'getMetrics',
    summary: 'Metrics in Prometheus text form',
    tags: ['Operations'],
    querystring: NoQuery,
    response: {
      200: answerIn(
        { 'text/plain': Type.String({ description: 'Prometheus text, version 0.0.4.' }) },
        { description: 'All metrics, as they are now.' },
      ),
      ...errorAnswers(),
    },
  };
  app.get('/metrics', { schema }, async (_request, reply) => {
    reply.type(METRICS_TYPE);
    return metricsText();
  });
}
