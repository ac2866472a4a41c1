import { Type } from '@sinclair/typebox';
import type { RouteOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { nameSchemas } from '../../src/http/openapi/named-schemas.ts';
import { operationSchema, routeFacts } from '../../src/http/openapi/operation.ts';
import { answer } from '../../src/http/schemas/answer.ts';
import { errorAnswers } from '../../src/http/schemas/error-schemas.ts';
import { closed, NoBody, NoQuery } from '../../src/http/schemas/fields.ts';

describe('schemas with a title', () => {
  const cat = { title: 'Cat', type: 'object', properties: { title: { type: 'string' } } };

  it('are told once and referred to, however deep they stand', () => {
    const { named, schemas } = nameSchemas({
      one: { schema: cat },
      many: [{ title: 'Cats', type: 'array', items: { ...cat } }],
    });
    const reference = { $ref: '#/components/schemas/Cat' };
    expect(named).toEqual({
      one: { schema: reference },
      many: [{ $ref: '#/components/schemas/Cats' }],
    });
    expect(schemas).toEqual({
      // A field of that name is no title.
      Cat: { type: 'object', properties: { title: { type: 'string' } } },
      Cats: { type: 'array', items: reference },
    });
  });

  it('may not share it with another schema', () => {
    const dog = { title: 'Cat', type: 'object', properties: { bark: { type: 'string' } } };
    expect(() => nameSchemas({ cat, dog })).toThrow('two different schemas are called Cat');
  });
});

type RouteConfig = NonNullable<RouteOptions['config']>;

describe('what a route answers', () => {
  const Form = closed({ id: Type.String({ description: 'An id.' }) }, { title: 'Form' });
  const declared = (config: RouteConfig, schema: object = {}) => ({
    schema: { querystring: NoQuery, response: { 200: Form, ...errorAnswers() }, ...schema },
    url: '/forms/:id',
    route: { config },
  });
  const errors = (config: RouteConfig, schema?: object) =>
    routeFacts(declared(config, schema)).errors;
  const always = ['validation_error', 'forbidden', 'internal'];

  it('is refused as its declaration says', () => {
    expect(errors({})).toEqual([...always, 'unauthorized', 'rate_limited']);
    expect(errors({ isPublic: true })).toEqual([...always, 'rate_limited']);
    expect(errors({ isPublic: true, isUnlimited: true })).toEqual(always);
    expect(errors({ changesRentals: true })).toContain('not_ready');
    expect(errors({}, { body: NoBody })).toEqual(
      expect.arrayContaining(['payload_too_large', 'unsupported_media_type']),
    );
  });

  it('is refused with the errors that it names itself, once', () => {
    const response = { 200: Form, ...errorAnswers('not_found', 'provider_error', 'forbidden') };
    expect(errors({ isPublic: true, isUnlimited: true }, { response })).toEqual([
      ...always,
      'not_found',
      'provider_error',
    ]);
  });

  it('carries the header fields that it names, and those of its kind', () => {
    const response = { 200: answer(Form, { description: 'A form.', headers: ['Age'] }) };
    const config = { hasEtag: true, isUnlimited: true } as const;
    const { headers } = routeFacts(declared(config, { response }));
    const tagged = ['X-Request-ID', 'ETag', 'Age'];
    expect(headers).toEqual({ 200: tagged, 304: tagged });
  });

  it('asks for no body where it may only be empty, and for no token where it is public', () => {
    const { schema } = operationSchema(declared({ isPublic: true }, { body: NoBody }));
    expect(schema).not.toHaveProperty('body');
    expect(schema).toMatchObject({ security: [] });
    expect(operationSchema(declared({}, { body: Form })).schema).toMatchObject({ body: Form });
    expect(operationSchema(declared({})).schema).not.toHaveProperty('security');
  });
});
