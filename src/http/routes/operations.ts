import { Type } from '@sinclair/typebox';
import { toRfc3339 } from '../../domain/time.ts';
import type { AppServer } from '../app-server.ts';
import { ErrorAnswers } from '../schemas/error-schemas.ts';
import { NoQuery } from '../schemas/fields.ts';
import { HealthAnswer, LandingAnswer, ReadyAnswer } from '../schemas/health-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { healthView } from '../views/health-view.ts';

type OperationParts = Pick<
  ServerParts,
  'menu' | 'incidents' | 'phase' | 'now' | 'metricsText' | 'apiVersionInfo'
>;

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
/** What watches over the broker has no token and is never kept out. */
const PROBE = { isPublic: true, isUnlimited: true } as const;
const LINKS = {
  offers: '/offers',
  sessions: '/sessions',
  orphans: '/orphans',
  costs: '/costs',
  health: '/health',
  ready: '/ready',
  metrics: '/metrics',
};

/** What an operator and a curious visitor ask for. */
export function registerOperations(app: AppServer, parts: OperationParts): void {
  registerHealth(app, parts);
  registerReady(app, parts);
  registerMetrics(app, parts);
  registerLanding(app, parts);
}

function registerHealth(app: AppServer, { menu, incidents, phase, now }: OperationParts): void {
  const schema = {
    summary: 'How the broker is',
    querystring: NoQuery,
    response: { 200: HealthAnswer, 503: HealthAnswer, ...ErrorAnswers },
  };
  app.get('/health', { schema, config: PROBE }, async (_request, reply) => {
    const vitals = { phase: phase(), menu: menu.health(), incidents: incidents() };
    const health = healthView(vitals, now());
    reply.code(health.status === 'ok' ? 200 : 503);
    return health;
  });
}

function registerReady(app: AppServer, { phase, now }: OperationParts): void {
  const schema = {
    summary: 'Whether sessions can be had now',
    querystring: NoQuery,
    response: { 200: ReadyAnswer, 503: ReadyAnswer, ...ErrorAnswers },
  };
  app.get('/ready', { schema, config: PROBE }, async (_request, reply) => {
    const ready = phase() === 'running';
    reply.code(ready ? 200 : 503);
    return { ready, timestamp: toRfc3339(now()) };
  });
}

function registerMetrics(app: AppServer, { metricsText }: OperationParts): void {
  const schema = {
    summary: 'Metrics in Prometheus text form',
    querystring: NoQuery,
    response: { 200: Type.String(), ...ErrorAnswers },
  };
  app.get('/metrics', { schema }, async (_request, reply) => {
    reply.type(METRICS_TYPE);
    return metricsText();
  });
}

function registerLanding(app: AppServer, { apiVersionInfo }: OperationParts): void {
  const schema = {
    summary: 'What this is and where to go on',
    querystring: NoQuery,
    response: { 200: LandingAnswer, ...ErrorAnswers },
  };
  const { name, version } = apiVersionInfo;
  app.get('/', { schema }, async () => ({ name, version, links: LINKS }));
}
