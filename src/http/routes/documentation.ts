import { Type } from '@sinclair/typebox';
import type { AppServer } from '../app-server.ts';
import { landingPaths } from '../openapi/landing-links.ts';
import { landingPage } from '../openapi/landing-page.ts';
import { acceptedForm } from '../requests/accepted-form.ts';
import { answerIn } from '../schemas/answer.ts';
import { errorAnswers } from '../schemas/error-schemas.ts';
import { NoQuery } from '../schemas/fields.ts';
import { LandingAnswer } from '../schemas/health-schemas.ts';
import type { ServerParts } from '../server-parts.ts';

type DocumentationParts = Pick<ServerParts, 'apiVersionInfo'>;

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
  const landing = { name, version, links: landingPaths() };
  const page = landingPage(apiVersionInfo);
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
