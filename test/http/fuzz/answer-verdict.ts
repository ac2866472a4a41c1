import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { LightMyRequestResponse } from 'fastify';
import { ERROR_STATUS } from '../../../src/domain/errors.ts';
import { recordOf } from './served-routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with the answer, or undefined. `routeName` is where the request came to, undefined for nowhere. */
export type Verdict = (
  answer: LightMyRequestResponse,
  routeName: string | undefined,
) => string | undefined;

const STATUS_BY_CODE: ReadonlyMap<unknown, number> = new Map(Object.entries(ERROR_STATUS));

/** Refusals that come before a route is found. */
const STATUSES_WITHOUT_ROUTE: readonly number[] = [400, 401, 403, 404, 405, 413, 415, 429];

/** Holds each answer against the OpenAPI document, which is made of the server's own declarations. */
export function verdictOn(document: unknown): Verdict {
  const operations = operationsOf(recordOf(document));
  return (answer, routeName) => {
    const { statusCode: status } = answer;
    if (status === 500) return `a fault of ours: ${answer.body}`;
    if (routeName === undefined) return faultNowhere(answer);
    const operation = operations.get(documentedName(routeName));
    // Pages for people are not described there; their refusals have the form of all errors.
    if (!operation) return status < 400 ? undefined : formFault(answer);
    const check = operation.get(String(status));
    if (!check) return `the status ${status} is not documented`;
    return bodyFault(answer, check) ?? (status < 400 ? undefined : formFault(answer));
  };
}

/** `GET /offers/:id` is `GET /offers/{id}` there. */
function documentedName(routeName: string): string {
  return routeName.replaceAll(/:([a-z_]+)/g, '{$1}');
}

type BodyCheck = ValidateFunction | 'no body' | 'any body';
type Operation = ReadonlyMap<string, BodyCheck>;

function operationsOf(document: Json): ReadonlyMap<string, Operation> {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  const operations = new Map<string, Operation>();
  for (const [path, methods] of Object.entries(recordOf(document['paths']))) {
    for (const [method, operation] of Object.entries(recordOf(methods))) {
      const at = ['paths', path, method, 'responses'];
      const statuses = Object.keys(recordOf(recordOf(operation)['responses']));
      const checks = statuses.map((status): [string, BodyCheck] => [
        status,
        bodyCheck(ajv, { document, at: resolved(document, [...at, status]) }),
      ]);
      operations.set(`${method.toUpperCase()} ${path}`, new Map(checks));
    }
  }
  return operations;
}

interface Place {
  readonly document: Json;
  /** Steps from the document's root. */
  readonly at: readonly string[];
}

function bodyCheck(ajv: Ajv2020, { document, at }: Place): BodyCheck {
  const content = recordOf(valueAt(document, at)['content']);
  const [mediaType] = Object.keys(content);
  if (mediaType === undefined) return 'no body';
  if (!('application/json' in content)) return 'any body';
  const pointer = [...at, 'content', 'application/json', 'schema'].map(escaped).join('/');
  return ajv.compile({ $ref: `document#/${pointer}` });
}

/** Where it stands, or where what stands there refers to. */
function resolved(document: Json, at: readonly string[]): readonly string[] {
  const { $ref: reference } = valueAt(document, at);
  return typeof reference === 'string' ? reference.split('/').slice(1) : at;
}

function valueAt(document: Json, at: readonly string[]): Json {
  return at.reduce((value, step) => recordOf(value[step]), document);
}

function escaped(step: string): string {
  return encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function bodyFault(answer: LightMyRequestResponse, check: BodyCheck): string | undefined {
  const { statusCode: status, body } = answer;
  if (answer.raw.req.method === 'HEAD' || check === 'no body') {
    return body === '' ? undefined : `${status} with a body`;
  }
  if (check === 'any body' || !isJson(answer)) return undefined;
  return check(jsonOf(body)) ? undefined : `${status}: ${JSON.stringify(check.errors)}`;
}

function faultNowhere(answer: LightMyRequestResponse): string | undefined {
  return STATUSES_WITHOUT_ROUTE.includes(answer.statusCode)
    ? formFault(answer)
    : `${answer.statusCode} where no route is`;
}

function formFault(answer: LightMyRequestResponse): string | undefined {
  if (answer.raw.req.method === 'HEAD') return undefined;
  const body = jsonOf(answer.body);
  if (!isRecord(body)) return `no error form: ${answer.body.slice(0, 200)}`;
  // Health and readiness have a form of their own while they are not well.
  if (answer.statusCode === 503 && 'timestamp' in body) return undefined;
  const { error, error_type: code, request_id: id } = body;
  if (typeof error !== 'string' || error === '') return `no sentence: ${answer.body}`;
  if (STATUS_BY_CODE.get(code) !== answer.statusCode) {
    return `${answer.statusCode} with the error_type ${String(code)}`;
  }
  return id === answer.headers['x-request-id']
    ? undefined
    : `request_id ${String(id)} is not the header's`;
}

function isJson({ headers }: LightMyRequestResponse): boolean {
  return String(headers['content-type']).startsWith('application/json');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
