import { BrokerError } from '../../domain/errors.ts';
import type { LifecyclePhase } from '../../sessions/session-service.ts';
import type { AppServer } from '../app-server.ts';

/** Before the startup sweep is through, and while shutting down, nothing is rented and nothing is ended by request. */
export function gateOnReadiness(app: AppServer, phase: () => LifecyclePhase): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (!request.routeOptions.config.changesRentals || phase() === 'running') return done();
    throw new BrokerError('not_ready', 'the broker is starting or stopping; try again shortly');
  });
}
