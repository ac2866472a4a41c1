import assert from 'node:assert/strict';
import swagger, { formatParamUrl, type SwaggerTransformObject } from '@fastify/swagger';
import type { ProviderName } from '../../domain/ids.ts';
import type { AppServer } from '../app-server.ts';
import { ErrorAnswer } from '../schemas/error-schemas.ts';
import type { ApiVersionInfo, ServerParts } from '../server-parts.ts';
import { errorComponents } from './error-responses.ts';
import { errorExamples } from './examples/error-examples.ts';
import { allExamples } from './examples/examples.ts';
import { finishOperation } from './finish-operation.ts';
import { ANSWER_HEADER_COMPONENTS } from './headers.ts';
import { INTRODUCTION, TAGS } from './introduction.ts';
import { nameSchemas } from './named-schemas.ts';
import { operationSchema, type RouteFacts, routeFacts } from './operation.ts';
import { openAnswer, publicPath } from './public-schemas.ts';
import { isJson, type Json, jsonAt, mapJson } from './records.ts';

type DocumentParts = Pick<ServerParts, 'apiVersionInfo' | 'providers'>;

/**
 * Makes the OpenAPI document, `app.swagger()`, of the routes that are registered after this: of the very schemas that
 * validate their requests and serialise their answers, and of what `config` and `errorAnswers` say of them.
 */
export function describeRoutes(app: AppServer, { apiVersionInfo, providers }: DocumentParts): void {
  const [provider] = providers;
  assert(provider !== undefined, 'the examples need a provider');
  const factsByOperation = new Map<string, RouteFacts>();
  app.register(swagger, {
    openapi: frameOf(apiVersionInfo),
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => {
      if (schema.hide) return { schema, url };
      const declared = { schema, url, route };
      factsByOperation.set(operationKey(route.method, url), routeFacts(declared));
      return operationSchema(declared);
    },
    transformObject: (made) => finishDocument(made, { factsByOperation, provider }),
  });
}

function frameOf({ name, version }: ApiVersionInfo) {
  const license = { name: 'MIT', identifier: 'MIT' };
  return {
    openapi: '3.1.1',
    info: { title: name, version, description: INTRODUCTION, license },
    servers: [
      { url: '/', description: 'The broker that this document comes from.' },
      { url: 'http://localhost:8080', description: 'Where a broker listens by default.' },
    ],
    tags: TAGS,
    components: {
      securitySchemes: {
        token: {
          type: 'http' as const,
          scheme: 'bearer',
          description: 'One of `API_TOKENS`. Needed only where the broker was started with some.',
        },
      },
    },
    security: [{ token: [] }, {}],
  };
}

function operationKey(method: unknown, url: string): string {
  return `${String(method).toLowerCase()} ${formatParamUrl(url)}`;
}

interface Declared {
  readonly factsByOperation: ReadonlyMap<string, RouteFacts>;
  /** Whose offers and machines the examples show. */
  readonly provider: ProviderName;
}

function finishDocument(made: Parameters<SwaggerTransformObject>[0], declared: Declared) {
  assert('openapiObject' in made);
  const { openapiObject } = made;
  // Every error answer refers to the one form, which no route names.
  const paths = mapJson({ ...openapiObject.paths }, publicPath);
  const { named, schemas } = nameSchemas({ paths, error: openAnswer(ErrorAnswer) });
  const errors = [...declared.factsByOperation.values()].map((facts) => facts.errors);
  const components = {
    ...openapiObject.components,
    schemas,
    responses: errorComponents(errors, errorExamples(declared.provider)),
    headers: ANSWER_HEADER_COMPONENTS,
  };
  return Object.assign(openapiObject, {
    paths: finishPaths(jsonAt(named, 'paths'), declared),
    components,
  });
}

function finishPaths(paths: Json, { factsByOperation, provider }: Declared): Json {
  const examples = allExamples(provider);
  return mapJson(paths, (path, url) =>
    mapJson(isJson(path) ? path : {}, (operation, method) => {
      const facts = factsByOperation.get(`${method} ${url}`);
      assert(facts && isJson(operation), `${method} ${url} was declared`);
      return finishOperation(operation, facts, examples[String(operation['operationId'])]);
    }),
  );
}
