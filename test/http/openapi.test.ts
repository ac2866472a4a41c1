import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { ERROR_STATUS } from '../../src/domain/errors.ts';
import { isJson, type Json, jsonAt } from '../../src/http/openapi/records.ts';
import { closedAgain } from '../support/contract-checker.ts';
import { world } from './http-world.ts';
import { DOCUMENT_FILE, openapiDocument, openapiText } from './openapi-document.ts';
import { gapsOf } from './openapi-gaps.ts';

const document = await openapiDocument();

describe('docs/openapi.json', () => {
  it('is current; `npm run openapi` writes it', async () => {
    expect(readFileSync(DOCUMENT_FILE, 'utf8')).toBe(await openapiText());
  });
});

describe('GET /openapi.json', () => {
  it('serves the document, also below /api/v1, and spares who has it', async () => {
    const { inject } = world();
    const answer = await inject('/openapi.json');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json()).toEqual(document);
    expect((await inject('/api/v1/openapi.json')).json()).toEqual(document);
    const headers = { 'if-none-match': String(answer.headers['etag']) };
    expect((await inject({ url: '/openapi.json', headers })).statusCode).toBe(304);
  });

  it('is OpenAPI 3.1 by the word of a public validator', async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone({ ...document }))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('would not be without paths that begin with a slash', async () => {
    const broken = { ...document, paths: { offers: {} } };
    expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
  });

  it('names canonical paths only', () => {
    const paths = Object.keys(jsonAt(document, 'paths'));
    expect(paths).toContain('/offers/{id}');
    expect(paths.filter((path) => /^\/(api|docs|inventory)/.test(path))).toEqual([]);
  });

  it('lets nothing of the inside out', () => {
    const text = JSON.stringify(document);
    for (const word of ['x-facts', 'x-answer-headers', 'x-error-codes', 'x-response-description']) {
      expect(text).not.toContain(word);
    }
  });
});

describe('completeness', () => {
  it('is reached', () => {
    expect(gapsOf(document)).toEqual([]);
  });

  const offers = ['paths', '/offers', 'get'];
  const create = ['paths', '/sessions', 'post'];
  it.each([
    ['a summary', [...offers, 'summary'], 'get /offers: summary'],
    ['an operationId', [...offers, 'operationId'], 'get /offers: operationId'],
    ['tags', [...offers, 'tags'], 'get /offers: tags'],
    ["a parameter's description", [...offers, 'parameters', '0', 'description'], /description of/],
    ['an error', [...offers, 'responses', '500'], 'get /offers: 500'],
    ['what an answer means', [...offers, 'responses', '200', 'description'], /description of 200/],
    ['header fields', [...offers, 'responses', '200', 'headers'], /headers of 200/],
    [
      'an example',
      [...offers, 'responses', '200', 'content', 'application/json', 'example'],
      /example of 200/,
    ],
    [
      'an example of a request',
      [...create, 'requestBody', 'content', 'application/json', 'examples'],
      /example of request/,
    ],
    [
      "a field's description",
      ['components', 'schemas', 'PriceParts', 'properties', 'gpu', 'description'],
      'description of PriceParts.gpu',
    ],
  ] as const)('is missed without %s', (_what, place, gap) => {
    const gaps = gapsOf(without(document, place));
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatch(gap);
  });

  it('is missed where a field of a body has a default', () => {
    const field = ['components', 'schemas', 'NewSession', 'properties', 'max_retries'];
    const preset = changed(document, field, { type: 'integer', description: 'Tries.', default: 3 });
    expect(gapsOf(preset)).toEqual(['default of NewSession.max_retries']);
  });

  it('is missed where a description leaves out the unit, or an operationId is there twice', () => {
    const unit = ['components', 'schemas', 'Offer', 'properties', 'ram_gb', 'description'];
    expect(gapsOf(changed(document, unit, 'Memory.'))).toEqual(['unit of Offer.ram_gb (\\bGB\\b)']);
    const id = [...offers, 'operationId'];
    expect(gapsOf(changed(document, id, 'getOffer'))).toEqual([
      'operationId getOffer is there twice',
    ]);
  });
});

describe('errors', () => {
  const operation = (path: string, method: string): Json =>
    jsonAt(jsonAt(jsonAt(document, 'paths'), path), method);
  const statuses = (path: string, method: string): string[] =>
    Object.keys(jsonAt(operation(path, method), 'responses')).filter((status) => status >= '400');

  it('follow from what a route is', () => {
    const everywhere = ['400', '403', '408', '431', '500'];
    expect(statuses('/ready', 'get')).toEqual([...everywhere, '503'].sort());
    expect(statuses('/orphans', 'get')).toEqual([...everywhere, '401', '429'].sort());
    expect(statuses('/sessions/{id}/extend', 'post')).toEqual(
      [...everywhere, '401', '404', '409', '413', '415', '429', '503'].sort(),
    );
  });

  it('are told by status with all their codes, in the description and in the schema', () => {
    const responses = jsonAt(jsonAt(document, 'components'), 'responses');
    expect(jsonAt(responses, 'ValidationErrorOrHardLimit')).toMatchObject({
      description: expect.stringMatching(/`validation_error`: .*\n\n`hard_limit`: /),
      content: {
        'application/json': {
          schema: { allOf: [{}, { properties: { error_type: { enum: codesOf(400, 1) } } }] },
        },
      },
    });
  });

  it('have codes of one status each', () => {
    const responses = Object.entries(jsonAt(jsonAt(document, 'components'), 'responses'));
    expect(responses.length).toBeGreaterThan(10);
    for (const [name, response] of responses) {
      const codes = [...JSON.stringify(response).matchAll(/"error_type":"(\w+)"/g)];
      const known = codes.map(([, code]) =>
        Object.entries(ERROR_STATUS).find(([one]) => one === code),
      );
      expect(new Set(known.map((entry) => entry?.[1])).size, name).toBe(1);
    }
  });
});

/** The codes of the status, without those in the middle that this route does not have. */
function codesOf(status: number, left: number): string[] {
  const codes = Object.entries(ERROR_STATUS).filter(([, one]) => one === status);
  return codes.map(([code]) => code).toSpliced(left, codes.length - 2);
}

describe('examples', () => {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  ajvFormats.default(ajv);
  ajv.addSchema({ ...closedAgain(document), $id: 'api' }, undefined, undefined, false);
  const examples = examplesIn(document, []);

  it('are many', () => {
    expect(examples.length).toBeGreaterThan(60);
  });

  it.each(examples)('at $name are as their schema says', ({ place, value }) => {
    const pointer = [...place, 'schema'].map(escaped).join('/');
    const validate = ajv.getSchema(`api#/${pointer}`);
    expect(validate, 'there is a schema').toBeTypeOf('function');
    expect(validate?.(value), JSON.stringify(validate?.errors)).toBe(true);
  });

  it('would be refused with a field that nobody listed', () => {
    const place = ['paths', '/offers/{id}', 'get', 'responses', '200', 'content'];
    const shown = examples.find(({ name }) => name.includes('/offers/{id} get responses 200'));
    const validate = ajv.getSchema(
      `api#/${[...place, 'application/json', 'schema'].map(escaped).join('/')}`,
    );
    expect(validate?.({ ...Object(shown?.value), api_key: 'x' })).toBe(false);
  });
});

interface Example {
  readonly name: string;
  /** Of what holds both the example and its schema. */
  readonly place: readonly string[];
  readonly value: unknown;
}

/** Everything in the document that has a schema and an example beside it. */
function examplesIn(node: unknown, place: readonly string[]): readonly Example[] {
  if (Array.isArray(node)) {
    return node.flatMap((item, index) => examplesIn(item, [...place, String(index)]));
  }
  if (!isJson(node)) return [];
  const name = place.join(' ');
  const single =
    'schema' in node && 'example' in node ? [{ name, place, value: node['example'] }] : [];
  const several = Object.entries('schema' in node ? jsonAt(node, 'examples') : {});
  return [
    ...single,
    ...several.map(([title, example]) => ({
      name: `${name} ${title}`,
      place,
      value: isJson(example) ? example['value'] : example,
    })),
    ...Object.entries(node).flatMap(([key, part]) =>
      key === 'example' || key === 'examples' ? [] : examplesIn(part, [...place, key]),
    ),
  ];
}

function escaped(name: string): string {
  return encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function without(root: Json, place: readonly string[]): Json {
  return changed(root, place, undefined);
}

/** A copy in which one thing is otherwise, or, when undefined, gone. */
function changed(root: Json, place: readonly string[], value: unknown): Json {
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify(root));
  let holder: Record<string, unknown> = copy;
  for (const name of place.slice(0, -1)) {
    const next: unknown = holder[name];
    if (typeof next !== 'object' || next === null) throw new Error(`nothing at ${place.join(' ')}`);
    holder = next as Record<string, unknown>;
  }
  const last = place.at(-1) ?? '';
  if (!(last in holder)) throw new Error(`nothing at ${place.join(' ')}`);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}
