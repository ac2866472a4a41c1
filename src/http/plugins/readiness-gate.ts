import { BrokerError } from '../../domain/errors.ts';
import type { LifecyclePhase } from '../../sessions/session-service.ts';
import type { AppServer } from '../app-server.ts';

/** Seconds after which a caller may ask again; a startup sweep mostly takes less. */
const RETRY_AFTER_S = '5';

/** Before the startup sweep is through, and while shutting down, nothing is rented and nothing is ended by request. */
export function gateOnReadiness(app: AppServer, phase: () => LifecyclePhase): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!request.routeOptions.config.changesRentals || phase() === 'running') return;
    reply.header('retry-after', RETRY_AFTER_S);
    throw new BrokerError('not_ready', 'the broker is starting or stopping; try again shortly');
  });
}
