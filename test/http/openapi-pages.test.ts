import { describe, expect, it } from 'vitest';
import { PAGES_POLICY } from '../../src/http/openapi/pages.ts';
import { acceptedForm } from '../../src/http/requests/accepted-form.ts';
import { errorOf, world } from './http-world.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';
const STRICT = "default-src 'none'; frame-ancestors 'none'";
const TOKENS = [{ name: 'alice', token: 'alice-secret-token' }];

/** The addresses that a page makes a browser fetch. */
function sourcesOf(page: string): readonly string[] {
  return [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address ?? '');
}

/** What runs or is drawn without an address of its own, which the policy does not let happen. */
function inlineParts(page: string): readonly string[] {
  const scripts = [...page.matchAll(/<script\b([^>]*)>([^<]*)/g)];
  return [
    ...scripts.filter(
      ([, attributes = '', text = '']) => !/\bsrc=/.test(attributes) || text.trim(),
    ),
    ...page.matchAll(/<style\b/g),
    ...page.matchAll(/\son\w+=/g),
    ...page.matchAll(/\sstyle=/g),
  ].map(([found]) => found);
}

/** Addresses elsewhere among those from which a program or a style sheet would load something. */
function foreignLoads(text: string): readonly string[] {
  const loads = /\b(?:src|href|url|import|fetch)\s*[=(:]\s*["']?(https?:)?\/\/[^\s"')]+/g;
  return [...text.matchAll(loads)].map(([found]) => found);
}

describe('the pages at /docs', () => {
  const { inject } = world();

  it.each(['/docs', '/docs/', '/api/v1/docs'])('are there at %s', async (url) => {
    const answer = await inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['x-request-id']).toBe('made-request-id');
  });

  it('bring everything with them, and run nothing inline', async () => {
    const { body } = await inject('/docs');
    const sources = sourcesOf(body);
    expect(sources.length).toBeGreaterThanOrEqual(5);
    expect(inlineParts(body)).toEqual([]);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\/static\/[\w.-]+$/);
      const asset = await inject(source);
      expect(asset.statusCode, source).toBe(200);
      expect(asset.headers['content-type'], source).toMatch(/javascript|css|image\/png/);
      if (source.endsWith('.css')) expect(foreignLoads(asset.body), source).toEqual([]);
    }
  });

  it('show the document of this broker, and send it to no validator', async () => {
    const { body } = await inject('/docs/static/swagger-initializer.js');
    expect(body).toContain("resolveUrl('./json')");
    expect(body).toContain('validatorUrl: null');
    expect(foreignLoads(body)).toEqual([]);
    expect((await inject('/docs/json')).json()).toEqual((await inject('/openapi.json')).json());
  });

  it('allow themselves this broker as a source and nothing else, and no other route anything', async () => {
    for (const url of ['/docs', '/docs/static/swagger-ui-bundle.js', '/docs/json']) {
      const { headers } = await inject(url);
      expect(headers['content-security-policy'], url).toBe(PAGES_POLICY);
      expect(headers['x-frame-options']).toBe('DENY');
    }
    expect(PAGES_POLICY).not.toMatch(/https?:|\*|unsafe/);
    for (const url of ['/', '/openapi.json', '/offers', '/docsy', '/nowhere']) {
      expect((await inject(url)).headers['content-security-policy'], url).toBe(STRICT);
    }
  });

  it.each([
    '/docs/nothing',
    '/docs/static/nothing.js',
    '/docs/static/..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
  ])('have nothing at %s, in the form of every error', async (url) => {
    const answer = await inject(url);
    expect([403, 404]).toContain(answer.statusCode);
    expect(errorOf(answer).request_id).toBe('made-request-id');
  });

  it.each(['/docs', '/docs/static/swagger-ui.css', '/openapi.json'])(
    'are only to be read: %s',
    async (url) => {
      const answer = await inject({ method: 'POST', url });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers['allow']).toBe('GET, HEAD');
    },
  );

  it.each(['/docs', '/docs/json', '/docs/static/swagger-ui.css', '/openapi.json', '/'])(
    'need a token where there are some: %s',
    async (url) => {
      const guarded = world({ tokens: TOKENS });
      expect((await guarded.inject(url)).statusCode).toBe(401);
      const headers = { authorization: 'Bearer alice-secret-token' };
      expect((await guarded.inject({ url, headers })).statusCode).toBe(200);
    },
  );
});

describe('what these tests look for', () => {
  it.each([
    '<script>alert(1)</script>',
    '<script src="/x.js">alert(1)</script>',
    '<style>a{}</style>',
    '<p onclick="x()">',
    '<p style="x">',
  ])('is found inline: %s', (page) => {
    expect(inlineParts(page)).not.toEqual([]);
  });

  it.each([
    'a { background: url(https://cdn.example/x.png) }',
    "@import url('//cdn.example/x.css')",
    '<script src="https://cdn.example/x.js">',
    "fetch('https://cdn.example')",
  ])('is found elsewhere: %s', (text) => {
    expect(foreignLoads(text)).toHaveLength(1);
  });
});

describe('GET /', () => {
  const { inject } = world();

  it('tells programs in JSON where to go on', async () => {
    const answer = await inject('/');
    expect(answer.headers['vary']).toBe('Accept');
    expect(answer.json()).toMatchObject({
      name: 'gpu-broker',
      version: '0.1.0',
      links: { documentation: '/docs', openapi: '/openapi.json', offers: '/offers' },
    });
  });

  it('shows people a page of links that all lead somewhere, without scripts', async () => {
    const answer = await inject({ url: '/', headers: { accept: BROWSER } });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      vary: 'Accept',
      'content-security-policy': STRICT,
    });
    expect(answer.body).toMatch(/^<!DOCTYPE html>/);
    expect(answer.body).not.toContain('<script');
    expect(inlineParts(answer.body)).toEqual([]);
    const links = sourcesOf(answer.body);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/health', '/metrics', '/offers']));
    for (const link of links) expect((await inject(link)).statusCode, link).toBeLessThan(405);
  });

  it('has the same links in both forms', async () => {
    const page = await inject({ url: '/', headers: { accept: BROWSER } });
    const { links } = (await inject('/')).json<{ links: Record<string, string> }>();
    expect(sourcesOf(page.body)).toEqual(Object.values(links));
  });

  it('answers HEAD with the header of the form that is wanted', async () => {
    const answer = await inject({ method: 'HEAD', url: '/', headers: { accept: BROWSER } });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toBe('');
  });
});

describe('the form that a caller would rather have', () => {
  it.each([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/json, text/html', 'json'],
    ['application/json;q=0.5, text/html;q=0.9', 'html'],
    ['text/html', 'html'],
    ['TEXT/HTML', 'html'],
    [BROWSER, 'html'],
    ['text/*, application/json;q=0.9', 'html'],
    ['text/html;q=0, */*', 'json'],
    ['text/html;q=nonsense', 'json'],
    ['text/html;level=1;q=0.4, */*;q=0.8', 'json'],
    ['image/png', 'json'],
  ] as const)('is, for %j, %s', (accept, form) => {
    expect(acceptedForm(accept)).toBe(form);
  });
});
