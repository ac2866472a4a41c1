import assert from 'node:assert/strict';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { LogController } from 'fastify';
import type { AppServer } from './app-server.ts';
import { canonicalPath } from './canonical-path.ts';
import { describeRoutes } from './openapi/document.ts';
import { serveDocumentPages } from './openapi/pages.ts';
import { leaveOutNulls } from './plugins/absent-fields.ts';
import { logRequests } from './plugins/access-log.ts';
import { frameAnswers } from './plugins/answer-frame.ts';
import { answerAtOnce } from './plugins/answers-at-once.ts';
import { refuseForeignPages } from './plugins/browser-protection.ts';
import { answerClientErrors, passOverExpectations } from './plugins/client-errors.ts';
import { answerError, answerErrors } from './plugins/errors.ts';
import { sendEtags } from './plugins/etags.ts';
import { readJsonBodies } from './plugins/json-bodies.ts';
import { compileLate } from './plugins/late-compilers.ts';
import { boundConnections } from './plugins/open-connections.ts';
import { limitRates } from './plugins/rate-limit.ts';
import { gateOnReadiness } from './plugins/readiness-gate.ts';
import { requestIdFrom } from './plugins/request-ids.ts';
import { requestLog } from './plugins/request-logs.ts';
import { traceRequests } from './plugins/request-spans.ts';
import { SECURITY_HEADERS } from './plugins/security-headers.ts';
import { coerceQueries, unreadQuery } from './plugins/strict-queries.ts';
import { recogniseCallers, requireToken } from './plugins/token-auth.ts';
import { answerUnknownRoutes } from './plugins/unknown-routes.ts';
import { registerActivity } from './routes/activity.ts';
import { registerCosts } from './routes/costs.ts';
import { registerDiagnostics } from './routes/diagnostics.ts';
import { registerDocumentation } from './routes/documentation.ts';
import { registerHeartbeat } from './routes/heartbeat.ts';
import { registerOfferHealth } from './routes/offer-health.ts';
import { registerOffers } from './routes/offers.ts';
import { registerOperations } from './routes/operations.ts';
import { registerOrphans } from './routes/orphans.ts';
import { registerSessionPlan } from './routes/session-plan.ts';
import { registerSessions } from './routes/sessions.ts';
import { registerTemplates } from './routes/templates.ts';
import type { ServerParts } from './server-parts.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;
const HEADER_LIMIT_BYTES = 16 * 1024;
const PARAM_LIMIT_CHARS = 256;

/** The whole HTTP side, not yet listening. */
export function buildServer(parts: ServerParts): AppServer {
  assert(parts.providers.length > 0, 'at least one provider name is needed');
  const app = bareServer(parts);
  describeRoutes(app, parts);
  addHooks(app, parts);
  // As a plugin, so that the routes come after the one that describes them.
  app.register((routes: AppServer, _options, done) => {
    compileLate(routes);
    registerRoutes(routes, parts);
    done();
  });
  serveDocumentPages(app);
  return app;
}

function registerRoutes(app: AppServer, parts: ServerParts): void {
  registerDocumentation(app, parts);
  registerOperations(app, parts);
  registerOffers(app, parts);
  registerOfferHealth(app, parts);
  registerTemplates(app, parts);
  registerSessions(app, parts);
  registerSessionPlan(app, parts);
  registerDiagnostics(app, parts);
  registerHeartbeat(app, parts);
  registerActivity(app, parts);
  registerOrphans(app, parts);
  registerCosts(app, parts);
}

function bareServer(parts: ServerParts): AppServer {
  return fastify({
    loggerInstance: parts.log,
    childLoggerFactory: requestLog,
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'request_id',
    }),
    requestIdHeader: false,
    genReqId: requestIdFrom(parts.makeRequestId),
    rewriteUrl: ({ url }) => canonicalPath(url ?? '/'),
    routerOptions: { maxParamLength: PARAM_LIMIT_CHARS, querystringParser: unreadQuery },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: parts.connections.requestTimeoutMs,
    keepAliveTimeout: parts.connections.keepAliveTimeoutMs,
    http: {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: parts.connections.headersTimeoutMs,
      connectionsCheckingInterval: parts.connections.checkIntervalMs,
      // Refused by us instead, in the form of every other error.
      requireHostHeader: false,
    },
    // While it closes, the readiness gate refuses what must not start, in the form of every other error.
    return503OnClosing: false,
    clientErrorHandler: answerClientErrors(parts.makeRequestId),
    frameworkErrors: (error, request, reply) => {
      reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
      return answerError(error, request, reply);
    },
    ajv: {
      customOptions: {
        allErrors: true,
        allowUnionTypes: true,
        coerceTypes: false,
        keywords: ['x-meaning'],
        removeAdditional: false,
        useDefaults: false,
        verbose: true,
      },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
}

/** In the order in which they act: who may speak at all comes before what is said. */
function addHooks(app: AppServer, parts: ServerParts): void {
  traceRequests(app, parts.tracing);
  answerErrors(app);
  passOverExpectations(app);
  frameAnswers(app);
  boundConnections(app, parts.connections);
  refuseForeignPages(app, parts);
  recogniseCallers(app, parts.tokens);
  limitRates(app, parts);
  requireToken(app, parts.tokens);
  answerAtOnce(app, parts.connections);
  answerUnknownRoutes(app);
  gateOnReadiness(app, parts.phase);
  readJsonBodies(app);
  leaveOutNulls(app);
  coerceQueries(app);
  sendEtags(app);
  logRequests(app, parts.recordRequest);
}
