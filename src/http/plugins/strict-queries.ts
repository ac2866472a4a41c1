import type { AppServer } from '../app-server.ts';
import { coerceQuery } from '../validation/query-coercion.ts';

/** Reads numbers in query strings before they are validated; bodies have types of their own and are left alone. */
export function coerceQueries(app: AppServer): void {
  app.addHook('preValidation', async (request) => {
    request.query = coerceQuery(request.query, request.routeOptions.schema?.querystring);
  });
}
