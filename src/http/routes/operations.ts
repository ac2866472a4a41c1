import { type Static, Type } from '@sinclair/typebox';
import { SECOND_MS, toRfc3339 } from '../../domain/time.ts';
import type { MenuHealth } from '../../inventory/menu.ts';
import type { LifecyclePhase } from '../../sessions/session-service.ts';
import type { AnswerAtOnce, FindAtOnce } from '../answer-at-once.ts';
import type { AppServer } from '../app-server.ts';
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
  const examine = () =>
    healthView(
      { phase: phase(), menu: menu.health(), incidents: incidents(), accounts: accounts() },
      now(),
    );
  let last: KeptHealth | undefined;
  const atOnce: FindAtOnce = ({ url }, reply) => {
    if (url.includes('?')) return undefined;
    const of = { second: Math.floor(now() / SECOND_MS), phase: phase(), menu: menu.health() };
    if (last === undefined || !isSame(last.of, of)) {
      const health = examine();
      const body = Buffer.from(reply.compileSerializationSchema(HealthAnswer)(health));
      const answer = { status: statusOf(health), body, ...WITHOUT_TAG };
      last = { of, answer };
    }
    return last.answer;
  };
  app.get('/health', { schema, config: { ...PROBE, atOnce } }, async (_request, reply) => {
    const health = examine();
    return reply.code(statusOf(health)).send(health);
  });
}

/** An answer that was just given, and what must not have changed for it to be given again. Whatever else it tells of may lag by a second. */
interface KeptHealth {
  readonly of: HealthState;
  readonly answer: AnswerAtOnce;
}

interface HealthState {
  /** Of the clock: the answer tells the time. */
  readonly second: number;
  readonly phase: LifecyclePhase;
  readonly menu: MenuHealth;
}

function isSame(one: HealthState, other: HealthState): boolean {
  return one.second === other.second && one.phase === other.phase && one.menu === other.menu;
}

function statusOf({ status }: Static<typeof HealthAnswer>): 200 | 503 {
  return status === 'ok' ? 200 : 503;
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

const WITHOUT_TAG = { etag: undefined, age: undefined, giveBack: undefined } as const;
