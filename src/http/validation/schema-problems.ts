import type { FastifySchemaValidationError } from 'fastify';
import { nearestName } from './nearest-name.ts';
import { MAX_PROBLEMS, type Problem } from './problem.ts';

/** Names longer than this are cut before they are shown or compared. */
const MAX_SHOWN_NAME = 64;

/** What a schema validator found, told in the caller's field names. `part` names the whole where no field is at fault. */
export function schemaProblems(
  errors: readonly FastifySchemaValidationError[],
  part: string,
): readonly Problem[] {
  const listed = errors.slice(0, MAX_PROBLEMS);
  const mistyped = new Set(listed.filter(isWrongType).map(({ instancePath }) => instancePath));
  // A value of the wrong type is none of the allowed values either, and that is one fault.
  return listed
    .filter((error) => isWrongType(error) || !mistyped.has(error.instancePath))
    .map((error) => problemOf(error, part));
}

function isWrongType({ keyword }: FastifySchemaValidationError): boolean {
  return keyword === 'type';
}

function problemOf(error: FastifySchemaValidationError, part: string): Problem {
  const path = pathOf(error.instancePath);
  switch (error.keyword) {
    case 'required':
      return { path: join(path, text(error.params['missingProperty'])), message: 'is required' };
    case 'additionalProperties':
      return unknownName(error, path);
    case 'type':
      return { path: path || part, message: wrongType(error, part) };
    case 'enum':
      return { path, message: `must be one of ${list(error.params['allowedValues'])}` };
    case 'pattern':
      return { path, message: `must be ${text(schemaOf(error)['x-meaning'])}` };
    default:
      return { path: path || part, message: limitMessage(error) };
  }
}

function limitMessage(error: FastifySchemaValidationError): string {
  const limit = text(error.params['limit']);
  switch (error.keyword) {
    case 'minimum':
      return `must be at least ${limit}`;
    case 'maximum':
      return `must be at most ${limit}`;
    case 'exclusiveMinimum':
      return `must be greater than ${limit}`;
    case 'minLength':
      return 'must not be empty';
    case 'maxLength':
      return `must be at most ${limit} characters long`;
    case 'maxItems':
      return `must have at most ${limit} entries`;
    case 'uniqueItems':
      return 'must not name the same entry twice';
    default:
      return error.message ?? 'is not valid';
  }
}

/** So many names still help a reader; of more, only the documentation can tell. */
const MAX_LISTED_NAMES = 16;

function unknownName(error: FastifySchemaValidationError, path: string): Problem {
  const name = text(error.params['additionalProperty']).slice(0, MAX_SHOWN_NAME);
  const known = Object.keys(record(schemaOf(error)['properties']));
  return { path: join(path, name), message: `is not known${hintFor(name, path, known)}` };
}

function hintFor(name: string, path: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  if (meant !== undefined) return `; did you mean ${join(path, meant)}?`;
  if (known.length === 0) return '; nothing is taken here';
  return known.length <= MAX_LISTED_NAMES
    ? `; known are ${known.map((field) => join(path, field)).join(', ')}`
    : '; see docs/http-api.md, or /docs, for those that are';
}

function wrongType(error: FastifySchemaValidationError, part: string): string {
  if (part === 'querystring' && Array.isArray(rejectedValue(error))) {
    return 'must be given once, as a single value';
  }
  const wanted = typeNames(error.params['type']);
  return part === 'querystring' ? misreadText(rejectedValue(error), wanted) : `must be ${wanted}`;
}

/** What a query says arrives as text; one that was left as it is did not read as what is wanted. */
function misreadText(value: unknown, wanted: string): string {
  if (!wanted.endsWith('number') || typeof value !== 'string') return `must be ${wanted}`;
  return /^-?\d+$/.test(value)
    ? 'must have at most 15 digits'
    : `must be ${wanted} in plain decimals, such as ${wanted === 'a number' ? '0.5' : '5'}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'absent',
};

function typeNames(types: unknown): string {
  const names = Array.isArray(types) ? types : [types];
  return names.map((name) => TYPE_NAMES[text(name)] ?? text(name)).join(' or ');
}

/** `/requirements/max_price` becomes `requirements.max_price`. */
function pathOf(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** The validator is asked to add the schema at fault and the value (`verbose`), which Fastify's type does not list. */
function schemaOf(error: FastifySchemaValidationError): Readonly<Record<string, unknown>> {
  return 'parentSchema' in error ? record(error.parentSchema) : {};
}

function rejectedValue(error: FastifySchemaValidationError): unknown {
  return 'data' in error ? error.data : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): string {
  return Array.isArray(value) ? value.map(text).join(', ') : text(value);
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
