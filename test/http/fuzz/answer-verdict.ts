import { Ajv, type ValidateFunction } from 'ajv';
import type { LightMyRequestResponse } from 'fastify';
import { ERROR_STATUS } from '../../../src/domain/errors.ts';
import type { ServedRoute } from './served-routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with the answer, or undefined. `routeName` is where the request came to, undefined for nowhere. */
export type Verdict = (
  answer: LightMyRequestResponse,
  routeName: string | undefined,
) => string | undefined;

const STATUS_BY_CODE: ReadonlyMap<unknown, number> = new Map(Object.entries(ERROR_STATUS));

/** What an answer may be where no route declares it: the refusals that stand before all routes. */
const REFUSALS_BEFORE_ROUTES: readonly number[] = [400, 401, 403, 404, 405, 413, 415, 429];

/** Holds each answer against what its route declares, and errors against the one form of all errors. */
export function verdictOn(routes: readonly ServedRoute[]): Verdict {
  const checks = new Map(routes.map((route) => [route.name, answerChecks(route)]));
  return (answer, routeName) => {
    const { statusCode: status } = answer;
    if (status === 500) return `a fault of ours: ${answer.body}`;
    if (status >= 400)
      return errorFault(answer) ?? undocumented(status, checks.get(routeName ?? ''));
    if (routeName === undefined) return `${status} where no route is`;
    return successFault(answer, checks.get(routeName));
  };
}

type AnswerChecks = ReadonlyMap<string, ValidateFunction>;

function answerChecks({ answers }: ServedRoute): AnswerChecks {
  const ajv = new Ajv({ strict: false });
  return new Map(Object.entries(answers).map(([status, schema]) => [status, ajv.compile(schema)]));
}

function checkFor(status: number, checks: AnswerChecks | undefined): ValidateFunction | undefined {
  return checks?.get(String(status)) ?? checks?.get(`${Math.floor(status / 100)}xx`);
}

/** The framework's own routes for the pages of the documentation declare nothing, and answer anything but errors. */
function undocumented(status: number, checks: AnswerChecks | undefined): string | undefined {
  const isKnown = checks && checks.size > 0 ? checkFor(status, checks) !== undefined : false;
  return isKnown || REFUSALS_BEFORE_ROUTES.includes(status)
    ? undefined
    : `status ${status} is not documented for the route`;
}

function errorFault(answer: LightMyRequestResponse): string | undefined {
  if (answer.raw.req.method === 'HEAD') return undefined;
  const body = jsonOf(answer.body);
  if (!isRecord(body)) return `no error form: ${answer.body.slice(0, 200)}`;
  // Health and readiness answer 503 with a form of their own.
  if (answer.statusCode === 503 && 'timestamp' in body) return undefined;
  const { error, error_type: code, request_id: id } = body;
  if (typeof error !== 'string' || error === '') return `no sentence: ${answer.body}`;
  if (STATUS_BY_CODE.get(code) !== answer.statusCode) {
    return `${answer.statusCode} with the error_type ${String(code)}`;
  }
  if (id !== answer.headers['x-request-id']) return `request_id ${String(id)} is not the header's`;
  return undefined;
}

function successFault(
  answer: LightMyRequestResponse,
  checks: AnswerChecks | undefined,
): string | undefined {
  const { statusCode: status, body } = answer;
  if (!checks || checks.size === 0) return undefined;
  if (status === 304 || answer.raw.req.method === 'HEAD') {
    return body === '' ? undefined : `${status} with a body`;
  }
  const check = checkFor(status, checks);
  if (!check) return `status ${status} is not documented for the route`;
  const value = isJson(answer) ? jsonOf(body) : body;
  return check(value) ? undefined : `body: ${JSON.stringify(check.errors)}`;
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
