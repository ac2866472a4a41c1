import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { canonicalPath } from '../../src/http/canonical-path.ts';
import { isJson, type Json, jsonAt, mapJson } from '../../src/http/openapi/records.ts';

/** One answer as it went over the wire. */
export interface SeenAnswer {
  readonly method: string;
  /** As asked for, or as rewritten. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Throws, with a sentence, when the OpenAPI document does not promise the answer exactly so. */
export type AnswerCheck = (answer: SeenAnswer) => void;

/** A checker for all answers of brokers with this document. */
export function contractChecker(document: Json): AnswerCheck {
  const contract = { document, schemaAt: schemaFinder(document) };
  const templates = templatesOf(document);
  return (answer) => {
    const path = canonicalPath(answer.url).split('?', 1)[0] ?? '';
    // The pages are for people: the document tells of the API and not of them.
    if (isOfPages(path) && answer.status < 400) return;
    const template = templates.find((one) => isOnPath(one, path));
    const place = template === undefined ? [] : ['paths', template, methodOf(answer)];
    const isDeclared = place.length > 0 && at(document, place) !== undefined;
    if (isDeclared) checkDeclared(contract, place, answer);
    else checkUndeclared(contract, answer);
  };
}

interface Contract {
  readonly document: Json;
  readonly schemaAt: (place: Place) => ValidateFunction;
}

/** The names that lead to a part of the document. */
type Place = readonly string[];

function checkDeclared(contract: Contract, operation: Place, answer: SeenAnswer): void {
  const listed = [...operation, 'responses', String(answer.status)];
  if (at(contract.document, listed) === undefined) {
    throw new Error(`the document lists no ${answer.status} for ${told(answer)}`);
  }
  const place = followed(contract.document, listed);
  const response = at(contract.document, place) ?? {};
  checkHeaders(contract, jsonAt(response, 'headers'), answer);
  if (answer.method === 'HEAD') return;
  checkBody(contract, place, answer);
}

/** No route is there, so that all it can be is an error. */
function checkUndeclared({ schemaAt }: Contract, answer: SeenAnswer): void {
  if (answer.status < 400) throw new Error(`the document does not know ${told(answer)}`);
  if (answer.method === 'HEAD') return;
  validate(schemaAt(['components', 'schemas', 'Error']), answer);
}

function checkHeaders({ document }: Contract, listed: Json, answer: SeenAnswer): void {
  const components = jsonAt(jsonAt(document, 'components'), 'headers');
  for (const [name, component] of Object.entries(components)) {
    const isThere = name.toLowerCase() in answer.headers;
    const isNeeded = name in listed && isJson(component) && component['required'] === true;
    if (isNeeded && !isThere) throw new Error(`${name} is missing in ${told(answer)}`);
    if (isThere && !(name in listed)) throw new Error(`${name} is not listed for ${told(answer)}`);
  }
}

function checkBody({ document, schemaAt }: Contract, response: Place, answer: SeenAnswer): void {
  const content = jsonAt(at(document, response) ?? {}, 'content');
  const mediaTypes = Object.keys(content);
  if (mediaTypes.length === 0) {
    if (answer.body !== '') throw new Error(`there is a body in ${told(answer)}`);
    return;
  }
  const mediaType = String(answer.headers['content-type']).split(';', 1)[0] ?? '';
  if (!mediaTypes.includes(mediaType)) {
    throw new Error(`${mediaType} is not listed for ${told(answer)}`);
  }
  validate(schemaAt([...response, 'content', mediaType, 'schema']), answer);
}

function validate(schema: ValidateFunction, answer: SeenAnswer): void {
  const isText = !String(answer.headers['content-type']).includes('json');
  if (schema(isText ? answer.body : JSON.parse(answer.body))) return;
  const problems = schema.errors?.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  throw new Error(`${told(answer)} is not as the document says:\n${problems?.join('\n')}`);
}

/** Schemas are compiled once, in the document, where their references lead. */
function schemaFinder(document: Json): Contract['schemaAt'] {
  // The document around the schemas is no schema itself, so that unknown words are no fault.
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  ajvFormats.default(ajv);
  ajv.addSchema({ ...closedAgain(document), $id: 'api' }, undefined, undefined, false);
  return (place) => {
    const pointer = place.map((name) => name.replaceAll('~', '~0').replaceAll('/', '~1'));
    const schema = ajv.getSchema(`api#/${pointer.map(encodeURIComponent).join('/')}`);
    if (!schema) throw new Error(`no schema at ${place.join(' ')}`);
    return schema;
  };
}

/**
 * The document leaves its answers open for later versions' fields. This version's answers have to be in it entirely, so
 * that every object with listed fields is closed here; parts of an `allOf` each tell only some of the fields.
 */
export function closedAgain(node: Json): Json {
  return mapJson(node, (value, name) => {
    if (Array.isArray(value)) {
      return value.map((item) => (isJson(item) && name !== 'allOf' ? closedObject(item) : item));
    }
    return isJson(value) ? closedObject(value) : value;
  });
}

function closedObject(node: Json): Json {
  const inner = closedAgain(node);
  const isListed = node['type'] === 'object' && isJson(node['properties']);
  return isListed ? { additionalProperties: false, ...inner } : inner;
}

/** With the fewest parameters first, as the router has it. */
function templatesOf(document: Json): readonly string[] {
  const parameters = (template: string): number => template.split('{').length;
  return Object.keys(jsonAt(document, 'paths')).sort(
    (left, right) => parameters(left) - parameters(right),
  );
}

function isOnPath(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) =>
      part.startsWith('{') ? given[index] !== '' : part === given[index],
    )
  );
}

function isOfPages(path: string): boolean {
  return path === '/docs' || path.startsWith('/docs/');
}

function methodOf({ method }: SeenAnswer): string {
  return method === 'HEAD' ? 'get' : method.toLowerCase();
}

function at(document: Json, place: Place): Json | undefined {
  let part: unknown = document;
  for (const name of place) part = isJson(part) ? part[name] : undefined;
  return isJson(part) ? part : undefined;
}

/** Where a reference leads, or the place itself. */
function followed(document: Json, place: Place): Place {
  const reference = at(document, place)?.['$ref'];
  return typeof reference === 'string' ? reference.split('/').slice(1) : place;
}

function told({ method, url, status, body }: SeenAnswer): string {
  return `${method} ${url} → ${status} ${body.slice(0, 300)}`;
}
