import swaggerUi from '@fastify/swagger-ui';
import type { AppServer } from '../app-server.ts';

/**
 * The pages bring everything with them, so nothing but this broker is allowed as a source, and nothing inline runs.
 * Pictures inside their style sheet are `data:` addresses.
 */
export const PAGES_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The OpenAPI document for people, at `/docs`. */
export function serveDocumentPages(app: AppServer): void {
  app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: PAGES_POLICY,
    theme: { title: 'gpu-broker API' },
    // Without the bar in which another document's address could be entered.
    uiConfig: { layout: 'BaseLayout', deepLinking: true, displayRequestDuration: true },
  });
}
