import { BrokerError } from '../../domain/errors.ts';
import type { SessionId } from '../../domain/ids.ts';
import type { SessionStatus } from '../../domain/session.ts';
import { unknownSession } from '../../sessions/refusals.ts';
import type { AppServer } from '../app-server.ts';
import { answer } from '../schemas/answer.ts';
import { DiagnosticsAnswer } from '../schemas/diagnostics-schemas.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { NoQuery } from '../schemas/fields.ts';
import type { ServerParts } from '../server-parts.ts';
import { diagnosticsView } from '../views/diagnostics-view.ts';
import { SESSION_PARAMS, sessionIdOf } from './session-id.ts';

type DiagnosticsParts = Pick<ServerParts, 'diagnostics' | 'now'>;

/** Half of the time that a login may take. */
const RETRY_AFTER_S = '5';

/** A read: it is served before the broker is ready, and changes nothing. */
export function registerDiagnostics(app: AppServer, { diagnostics, now }: DiagnosticsParts): void {
  const schema = {
    operationId: 'getSessionDiagnostics',
    summary: 'How the machine of a running session is, looked up now',
    description:
      "Logs in with the session's key and reads the GPUs, the driver and the disk; answers within ten seconds, whatever the machine does. Answers to the same question within two seconds share one login.",
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    response: {
      200: answer(DiagnosticsAnswer, { description: 'What was found just now.' }),
      ...errorAnswers('not_found'),
    },
  };
  app.get('/sessions/:id/diagnostics', { schema }, async (request, reply) => {
    const id = sessionIdOf(request.params.id);
    const examination = await diagnostics.examine(id);
    switch (examination.kind) {
      case 'examined':
        return diagnosticsView(examination, now());
      case 'not_running':
        throw notRunning(id, examination.status);
      case 'unknown_session':
        throw unknownSession(id);
      case 'too_busy':
        reply.header('retry-after', RETRY_AFTER_S);
        throw new BrokerError(
          'rate_limited',
          `too many diagnostics are under way; ask again in ${RETRY_AFTER_S} s`,
        );
    }
  });
}

function notRunning(id: SessionId, status: SessionStatus): BrokerError {
  return new BrokerError(
    'validation_error',
    `session ${id} is ${status}; diagnostics need one that is running`,
    { details: [{ path: 'id', message: `names a session that is ${status}, not running` }] },
  );
}
