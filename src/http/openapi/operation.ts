import type { FastifySchema, RouteOptions } from 'fastify';
import { ERROR_STATUS, type ErrorCode } from '../../domain/errors.ts';
import { ANSWER_HEADERS } from '../schemas/answer.ts';
import { ERROR_CODES } from '../schemas/error-schemas.ts';
import { NoBody } from '../schemas/fields.ts';
import { IfNoneMatch, RATE_LIMIT_HEADERS } from './headers.ts';
import { isJson, type Json, jsonAt, mapJson } from './records.ts';

/** What a route's declaration says beyond its schemas. */
export interface RouteFacts {
  readonly errors: readonly ErrorCode[];
  /** Names of the header fields of each answer that is no error, by status. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

export interface DeclaredRoute {
  readonly schema: FastifySchema;
  readonly url: string;
  readonly route: Pick<RouteOptions, 'config'>;
}

/** A route's schemas as the document's generator takes them: errors and header fields of answers come later. */
export function operationSchema({ schema, url, route }: DeclaredRoute) {
  const { body, response, ...rest } = schema;
  const { isPublic, hasEtag, requestHeaders = {} } = route.config ?? {};
  const properties = { ...requestHeaders, ...(hasEtag ? { 'If-None-Match': IfNoneMatch } : {}) };
  const operation = {
    ...rest,
    ...(takesBody(body) ? { body } : {}),
    ...(isPublic ? { security: [] } : {}),
    headers: { type: 'object', properties },
    response: mapJson(ownAnswers(response), withoutHeaders),
  };
  return { schema: operation, url };
}

export function routeFacts({ schema, route }: DeclaredRoute): RouteFacts {
  const config = route.config ?? {};
  return { errors: errorsOf(schema, config), headers: headersOf(schema.response, config) };
}

type RouteConfig = NonNullable<RouteOptions['config']>;

/** Those that the route names, and those that follow from what it is. */
function errorsOf({ body, response }: FastifySchema, config: RouteConfig): readonly ErrorCode[] {
  const answers = isJson(response) ? response : {};
  const own = ['4xx', '5xx'].flatMap((range) => jsonAt(answers, range)[ERROR_CODES] ?? []);
  const codes: readonly unknown[] = [
    ...['validation_error', 'forbidden', 'internal'],
    ...(config.isPublic ? [] : ['unauthorized']),
    ...(config.isUnlimited ? [] : ['rate_limited']),
    ...(config.changesRentals ? ['not_ready'] : []),
    ...(body ? ['payload_too_large', 'unsupported_media_type'] : []),
    ...own,
  ];
  return [...new Set(codes)].filter(isErrorCode);
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in ERROR_STATUS;
}

function headersOf(response: unknown, config: RouteConfig): RouteFacts['headers'] {
  const always = ['X-Request-ID', ...(config.isUnlimited ? [] : RATE_LIMIT_HEADERS)];
  const tagged = config.hasEtag ? ['ETag'] : [];
  const answers = mapJson(ownAnswers(response), (form, status) => [
    ...always,
    ...(status === '200' ? tagged : []),
    ...(isJson(form) ? namesAt(form, ANSWER_HEADERS) : []),
  ]);
  return config.hasEtag ? { ...answers, 304: answers['200'] ?? [] } : answers;
}

function namesAt(form: Json, name: string): readonly string[] {
  const names = form[name];
  return Array.isArray(names) ? names.map(String) : [];
}

/** The form alone: its header fields are told beside it. */
function withoutHeaders(form: unknown): unknown {
  const { [ANSWER_HEADERS]: _told, ...rest } = isJson(form) ? form : {};
  return rest;
}

/** Without the two that stand for all errors. */
function ownAnswers(response: unknown): Json {
  const entries = Object.entries(isJson(response) ? response : {});
  return Object.fromEntries(entries.filter(([status]) => /^\d+$/.test(status)));
}

/** A body that may only be empty is none. */
function takesBody(body: unknown): boolean {
  return body !== undefined && body !== NoBody;
}
