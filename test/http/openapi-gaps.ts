import { isJson, type Json, jsonAt } from '../../src/http/openapi/records.ts';

/** What a description has to say of a field whose name ends so. */
const UNITS: readonly (readonly [RegExp, RegExp])[] = [
  [/(_gb|vram)$/, /\bGB\b/],
  [/_mb$/, /\bMB\b/],
  [/_mbps$/, /megabits per second/i],
  [/_hours$|^hours_/, /\bhours?\b/i],
  [/_minutes$/, /\bminutes\b/i],
  [/(price|cost|bid|price_per_hour|cost_so_far)$/, /US dollars/],
  [/_at$|^timestamp$|^since$/, /RFC 3339/],
  [/_percent$/, /0 to 100/],
  [/reliability|confidence/, /0 to 1/],
];

/** Names that end as if they had a unit, and have none. */
const WITHOUT_UNIT = new Set(['price']);

/** What the document leaves untold, as sentences; empty when it is complete. */
export function gapsOf(document: Json): readonly string[] {
  const tags = Array.isArray(document['tags']) ? document['tags'] : [];
  const known = { document, tags: tags.map((tag: Json) => tag['name']) };
  return [
    ...Object.entries(jsonAt(document, 'paths')).flatMap(([path, operations]) =>
      entriesOf(operations).flatMap(([method, operation]) =>
        operationGaps(operation, known).map((gap) => `${method} ${path}: ${gap}`),
      ),
    ),
    ...repeatedIds(document),
    ...componentGaps(document),
  ];
}

interface Known {
  readonly document: Json;
  readonly tags: readonly unknown[];
}

function operationGaps(operation: Json, known: Known): readonly string[] {
  const { parameters, requestBody, responses } = operation;
  return [
    ...['operationId', 'summary'].filter((name) => !isText(operation[name])),
    ...tagGaps(operation['tags'], known.tags),
    ...(Array.isArray(parameters) ? parameters.flatMap(parameterGaps) : []),
    ...(isJson(requestBody) ? mediaGaps('request', requestBody) : []),
    ...entriesOf(responses).flatMap(([status, response]) => answerGaps(status, response)),
    ...['400', '403', '500'].filter((status) => !(status in jsonAt(operation, 'responses'))),
  ];
}

function tagGaps(tags: unknown, known: readonly unknown[]): readonly string[] {
  const own: readonly unknown[] = Array.isArray(tags) ? tags : [];
  const unknown = own.filter((tag) => !known.includes(tag)).map((tag) => `tag ${tag} is not known`);
  return own.length === 0 ? ['tags'] : unknown;
}

function parameterGaps(parameter: Json): readonly string[] {
  const name = String(parameter['name']);
  return [
    ...(isText(parameter['description']) ? [] : [`description of ${name}`]),
    ...unitGaps(name, parameter),
  ];
}

function answerGaps(status: string, response: Json): readonly string[] {
  if (isText(response['$ref'])) return [];
  const isTold = isText(response['description']) && response['description'] !== 'Default Response';
  return [
    ...(isTold ? [] : [`description of ${status}`]),
    ...('headers' in response ? [] : [`headers of ${status}`]),
    ...mediaGaps(status, response),
  ];
}

/** A page for people, and a form that may be anything, have no example. */
function mediaGaps(what: string, holder: Json): readonly string[] {
  return entriesOf(holder['content']).flatMap(([type, media]) => {
    const schema = jsonAt(media, 'schema');
    const isAnything = schema['additionalProperties'] === true;
    const isShown = 'example' in media || 'examples' in media || isAnything || type === 'text/html';
    return [...(isShown ? [] : [`example of ${what}`]), ...fieldGaps(what, schema)];
  });
}

function componentGaps(document: Json): readonly string[] {
  const { schemas, responses, headers } = jsonAt(document, 'components');
  return [
    ...entriesOf(schemas).flatMap(([name, schema]) => fieldGaps(name, schema)),
    ...entriesOf(responses).flatMap(([name, response]) => answerGaps(name, response)),
    ...entriesOf(headers).flatMap(([name, header]) =>
      isText(header['description']) ? [] : [`description of header ${name}`],
    ),
  ];
}

/** Every field of the schema, however deep, has a description, and the unit that its name asks for. */
function fieldGaps(where: string, schema: Json): readonly string[] {
  const fields = entriesOf(schema['properties']).flatMap(([name, field]) => {
    const isTold = isText(field['description']) || isText(field['$ref']);
    const own = isTold ? unitGaps(`${where}.${name}`, field) : [`description of ${where}.${name}`];
    // Generators take a field with a default for one that is always there, and demand it of the caller.
    const preset = 'default' in field ? [`default of ${where}.${name}`] : [];
    return [...own, ...preset, ...fieldGaps(`${where}.${name}`, field)];
  });
  const inner = ['items', 'additionalProperties'].flatMap((name) => {
    const form = schema[name];
    return isJson(form) ? fieldGaps(`${where}[]`, form) : [];
  });
  const either = ['anyOf', 'oneOf', 'allOf'].flatMap((name) => {
    const forms = schema[name];
    return Array.isArray(forms) ? forms.flatMap((form: Json) => fieldGaps(where, form)) : [];
  });
  return [...fields, ...inner, ...either];
}

function unitGaps(place: string, { description, type }: Json): readonly string[] {
  const name = place.split('.').at(-1) ?? '';
  if (WITHOUT_UNIT.has(name) || type === 'boolean' || !isText(description)) return [];
  const missing = UNITS.filter(([names, words]) => names.test(name) && !words.test(description));
  return missing.map(([, words]) => `unit of ${place} (${words.source})`);
}

function repeatedIds(document: Json): readonly string[] {
  const ids = Object.values(jsonAt(document, 'paths')).flatMap((operations) =>
    entriesOf(operations).map(([, operation]) => String(operation['operationId'])),
  );
  return ids
    .filter((id, index) => ids.indexOf(id) !== index)
    .map((id) => `operationId ${id} is there twice`);
}

function entriesOf(record: unknown): readonly (readonly [string, Json])[] {
  const entries = Object.entries(isJson(record) ? record : {});
  return entries.flatMap(([name, value]) => (isJson(value) ? [[name, value] as const] : []));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
