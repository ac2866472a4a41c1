import { BrokerError } from '../../domain/errors.ts';
import { isSessionId } from '../../domain/ids.ts';
import { toRfc3339 } from '../../domain/time.ts';
import type { HeartbeatOutcome } from '../../sessions/heartbeats.ts';
import type { AppServer } from '../app-server.ts';
import { originOf } from '../request-traces.ts';
import { answer } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { NoQuery } from '../schemas/fields.ts';
import { HeartbeatAnswer, HeartbeatBody } from '../schemas/heartbeat-schemas.ts';
import type { ServerParts } from '../server-parts.ts';
import { SESSION_PARAMS } from './session-id.ts';

type HeartbeatParts = Pick<ServerParts, 'heartbeats'>;

const NOBODY: HeartbeatOutcome = { kind: 'not_its_agent' };

/**
 * For the agent on a rented machine, which stands on a stranger's hardware and must not hold the operator's API token:
 * the session's own token in the body is what lets it in, whether or not the broker has API tokens.
 */
export function registerHeartbeat(app: AppServer, { heartbeats }: HeartbeatParts): void {
  const schema = {
    operationId: 'sendHeartbeat',
    summary: 'Say from the machine whether there is work',
    description:
      "For the agent on the rented machine. It shows the session's `agent_token` and needs no API token. There is work with `busy: true`, with `gpu_utilization` above 5, and where neither is said. A wrong token and an unknown session are the same 401.",
    tags: ['Sessions'],
    params: SESSION_PARAMS,
    querystring: NoQuery,
    body: HeartbeatBody,
    response: {
      200: answer(HeartbeatAnswer, { description: 'It is taken in.' }),
      ...errorAnswers('unauthorized', 'conflict'),
    },
  };
  const config = { isPublic: true } as const;
  app.post('/sessions/:id/heartbeat', { schema, config }, async (request, reply) => {
    const { params, body } = request;
    const { agent_token: token, busy: isBusy, gpu_utilization: gpuUtilizationPercent } = body;
    const report = { isBusy, gpuUtilizationPercent };
    const heartbeat = { token, report, origin: originOf(request) };
    const outcome = isSessionId(params.id) ? await heartbeats.beat(params.id, heartbeat) : NOBODY;
    switch (outcome.kind) {
      case 'taken':
        return {
          idle_minutes: outcome.idleMinutes,
          idle_deadline:
            outcome.idleDeadline === undefined ? null : toRfc3339(outcome.idleDeadline),
        };
      case 'ending':
        throw new BrokerError('conflict', 'the session has ended or is stopping');
      case 'not_its_agent':
        reply.header('www-authenticate', 'AgentToken realm="gpu-broker"');
        throw new BrokerError('unauthorized', 'this is not the agent token of that session');
    }
  });
}
