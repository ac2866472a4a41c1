import { Type } from '@sinclair/typebox';
import type { AppServer } from '../app-server.ts';
import { type Link, landingPage } from '../openapi/landing-page.ts';
import { acceptedForm } from '../requests/accepted-form.ts';
import { answerIn } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { NoQuery } from '../schemas/fields.ts';
import { LandingAnswer } from '../schemas/health-schemas.ts';
import type { ServerParts } from '../server-parts.ts';

type DocumentationParts = Pick<ServerParts, 'apiVersionInfo'>;

const LINKS: Readonly<Record<string, Link>> = {
  documentation: { path: '/docs', meaning: 'this API, to read and to try' },
  openapi: { path: '/openapi.json', meaning: 'the same for programs (OpenAPI 3.1)' },
  offers: { path: '/offers', meaning: 'what can be rented now' },
  sessions: { path: '/sessions', meaning: 'what is rented, newest first' },
  orphans: { path: '/orphans', meaning: 'machines of ours that no session wants' },
  costs: { path: '/costs', meaning: 'what was spent' },
  health: { path: '/health', meaning: 'how the broker is' },
  ready: { path: '/ready', meaning: 'whether sessions can be had now' },
  metrics: { path: '/metrics', meaning: 'metrics in Prometheus text form' },
};

/** Where somebody who meets the broker for the first time begins. */
export function registerDocumentation(app: AppServer, parts: DocumentationParts): void {
  registerLanding(app, parts);
  registerDocument(app);
}

function registerLanding(app: AppServer, { apiVersionInfo }: DocumentationParts): void {
  const schema = {
    operationId: 'getLanding',
    summary: 'What this is and where to go on',
    description: 'JSON for programs, a page with the same links for browsers.',
    tags: ['Operations'],
    querystring: NoQuery,
    response: {
      200: answerIn(
        {
          'application/json': LandingAnswer,
          'text/html': Type.String({ description: 'A page with links, without scripts.' }),
        },
        { description: 'Name, version and links.', headers: ['Vary'] },
      ),
      ...errorAnswers(),
    },
  };
  const { name, version } = apiVersionInfo;
  const paths = Object.entries(LINKS).map(([title, { path }]) => [title, path]);
  const landing = { name, version, links: Object.fromEntries(paths) };
  const page = landingPage(apiVersionInfo, Object.values(LINKS));
  app.get('/', { schema }, async (request, reply) => {
    reply.header('vary', 'Accept');
    if (acceptedForm(request.headers.accept) === 'json') return landing;
    reply.type('text/html; charset=utf-8');
    return page;
  });
}

function registerDocument(app: AppServer): void {
  const schema = {
    operationId: 'getOpenapiDocument',
    summary: 'This API as an OpenAPI 3.1 document',
    description: 'What `/docs` shows, for programs that generate clients, tests or pages.',
    tags: ['Operations'],
    querystring: NoQuery,
    response: {
      200: Type.Object({}, { additionalProperties: true, description: 'The document.' }),
      ...errorAnswers(),
    },
  };
  app.get('/openapi.json', { schema, config: { hasEtag: true } }, async () => app.swagger());
}
