import { HOUR_MS } from '../../domain/time.ts';
import type { AppServer } from '../app-server.ts';
import { originOf } from '../request-traces.ts';
import { sessionRequest } from '../requests/session-request.ts';
import { sessionProblems } from '../requests/session-rules.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { PlanAnswer, planQuery } from '../schemas/plan-schemas.ts';
import { createSessionBody, MAX_RESERVATION_HOURS } from '../schemas/session-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { refuseProblems } from '../validation/problem.ts';
import { schemaProblems } from '../validation/schema-problems.ts';
import { planView } from '../views/plan-view.ts';

type PlanParts = Pick<ServerParts, 'sessions' | 'providers' | 'hardLimitMs'>;

const DEFAULT_LIMIT = 10;

export function registerSessionPlan(app: AppServer, parts: PlanParts): void {
  const hardLimitHours = Math.max(1, Math.floor(parts.hardLimitMs / HOUR_MS));
  const schema = {
    operationId: 'planSession',
    summary: 'What a new session would be given, and why',
    description:
      'Takes the same body as a new session and is made by the same choice: the first candidate is what would be rented now. Rents nothing and writes nothing, and refuses what a new session would be refused for.',
    tags: ['Sessions'],
    querystring: planQuery,
    body: createSessionBody({
      providers: parts.providers,
      maxReservationHours: Math.min(MAX_RESERVATION_HOURS, hardLimitHours),
    }),
    response: {
      200: answer(PlanAnswer, { description: 'What would be rented, and tried after it.' }),
      ...errorAnswers(
        'not_found',
        'insufficient_disk',
        'no_matching_offer',
        'stale_inventory',
        'provider_error',
        'provider_unavailable',
        'not_ready',
      ),
    },
  };
  // As in a create, so that the schema's problems and those of our rules are told together.
  app.post('/sessions/plan', { schema, attachValidation: true }, async (request) => {
    const { body, query, validationError } = request;
    refuseProblems([
      ...schemaProblems(
        validationError?.validation ?? [],
        validationError?.validationContext ?? 'body',
      ),
      ...sessionProblems(body),
    ]);
    const { limit = DEFAULT_LIMIT } = query;
    return planView(await parts.sessions.plan(sessionRequest(body), limit, originOf(request)));
  });
}
