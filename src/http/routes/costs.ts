import { Type } from '@sinclair/typebox';
import { isSessionId } from '../../domain/ids.ts';
import { unknownSession } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { costQuestion } from '../requests/cost-query.ts';
import { answer } from '../schemas/answer.ts';
import {
  CostSummaryAnswer,
  CostsQuery,
  MonthQuery,
  SessionCostAnswer,
} from '../schemas/cost-schemas.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { costSummaryView, sessionCostView } from '../views/cost-view.ts';
import { known } from '../views/known.ts';

type CostParts = Pick<ServerParts, 'costs'>;

export function registerCosts(app: AppServer, parts: CostParts): void {
  registerQuestion(app, parts);
  registerMonth(app, parts);
}

function registerQuestion(app: AppServer, { costs }: CostParts): void {
  const schema = {
    operationId: 'getCosts',
    summary: 'What a session cost, or what was spent in a window',
    description:
      'With `session_id`, which goes with no other parameter, the cost of that session; else a summary of the window.',
    tags: ['Costs'],
    querystring: CostsQuery,
    response: {
      200: answer(Type.Union([SessionCostAnswer, CostSummaryAnswer]), {
        description: 'The cost of one session, or the summary of a window.',
      }),
      ...errorAnswers('not_found'),
    },
  };
  app.get('/costs', { schema }, async ({ query }) => {
    const question = costQuestion(query, costs.currentMonth());
    switch (question.kind) {
      case 'session':
        return sessionCost(costs, question.sessionId);
      case 'summary':
        return costSummaryView(await costs.summary(question.query), query.consumer_id ?? '');
    }
  });
}

function registerMonth(app: AppServer, { costs }: CostParts): void {
  const schema = {
    operationId: 'getCostSummary',
    summary: 'What was spent in the current UTC month',
    tags: ['Costs'],
    querystring: MonthQuery,
    response: {
      200: answer(CostSummaryAnswer, { description: 'The summary of the month so far.' }),
      ...errorAnswers(),
    },
  };
  app.get('/costs/summary', { schema }, async ({ query }) => {
    const consumerId = query.consumer_id;
    const summary = await costs.summary({ window: costs.currentMonth(), ...known({ consumerId }) });
    return costSummaryView(summary, consumerId ?? '');
  });
}

async function sessionCost(costs: CostParts['costs'], sessionId: string) {
  const cost = isSessionId(sessionId) ? await costs.ofSession(sessionId) : undefined;
  if (cost === undefined) throw unknownSession(sessionId);
  return sessionCostView(sessionId, { cost, reconciled: await costs.reconciledOf(sessionId) });
}
