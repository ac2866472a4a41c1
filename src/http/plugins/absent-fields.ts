import type { AppServer } from '../app-server.ts';
import { withoutNulls } from '../validation/null-fields.ts';

/**
 * `null` for a field of a body counts as left out, because many programs write their empty fields so. It acts before
 * the validator and before a body's hash is taken: both forms are one request.
 */
export function leaveOutNulls(app: AppServer): void {
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.body !== undefined) {
      request.body = withoutNulls(request.body, request.routeOptions.schema?.body);
    }
    done();
  });
}
