import type { LightMyRequestResponse } from 'fastify';
import { ERROR_STATUS } from '../../../src/domain/errors.ts';
import { type AnswerCheck, contractChecker } from '../../support/contract-checker.ts';
import { recordOf } from './served-routes.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is wrong with the answer, or undefined. `routeName` is where the request came to, undefined for nowhere. */
export type Verdict = (
  answer: LightMyRequestResponse,
  routeName: string | undefined,
) => string | undefined;

const STATUS_BY_CODE: ReadonlyMap<unknown, number> = new Map(Object.entries(ERROR_STATUS));
const NOWHERE = '/no/route/is/here';

/** Holds each answer against the OpenAPI document, and errors against the one form of all errors. */
export function verdictOn(document: unknown): Verdict {
  const check = contractChecker(recordOf(document));
  return (answer, routeName) => {
    const { statusCode: status } = answer;
    if (status === 500) return `a fault of ours: ${answer.body}`;
    return (
      contractFault(check, answer, routeName) ?? (status < 400 ? undefined : formFault(answer))
    );
  };
}

/** Judged by the route that was reached: a hostile path need not look like the one that it comes to. */
function contractFault(
  check: AnswerCheck,
  answer: LightMyRequestResponse,
  routeName: string | undefined,
): string | undefined {
  const pattern = routeName?.split(' ')[1] ?? NOWHERE;
  try {
    check({
      method: answer.raw.req.method ?? '',
      url: pattern.replaceAll(/:[a-z_]+/g, 'id'),
      status: answer.statusCode,
      headers: answer.headers,
      body: answer.body,
    });
    return undefined;
  } catch (error) {
    return String(error);
  }
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
