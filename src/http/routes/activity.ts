import { unknownSession } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { ActivityAnswer, ActivityQuery } from '../schemas/activity-schemas.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { activityView } from '../views/activity-view.ts';
import { SESSION_PARAMS, sessionIdOf } from './session-id.ts';

type ActivityParts = Pick<ServerParts, 'activity'>;

/** With a look a minute, those of an hour. */
const USUAL_LIMIT = 60;

/** A read: it is served before the broker is ready, and changes nothing. */
export function registerActivity(app: AppServer, { activity }: ActivityParts): void {
  const schema = {
    operationId: 'getSessionActivity',
    summary: 'What was found out of work on the machine, and what was concluded',
    description:
      'Every decision about idleness with the readings that led to it. Without `idle_threshold_minutes` nothing is kept but the latest look.',
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: ActivityQuery,
    response: {
      200: answer(ActivityAnswer, { description: 'The latest decisions, newest first.' }),
      ...errorAnswers('not_found'),
    },
  };
  app.get('/sessions/:id/activity', { schema }, async (request) => {
    const id = sessionIdOf(request.params.id);
    const found = await activity.read(id, request.query.limit ?? USUAL_LIMIT);
    if (!found) throw unknownSession(id);
    return activityView(found);
  });
}
