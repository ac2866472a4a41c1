import type { Chance, SimReply, SimRequest } from './model.ts';

/**
 * An error that quotes the request: its URL, headers and body, and with them the credentials. Debug pages, gateways and
 * validators do so (Vast.ai facts §1); in which form, nobody promises.
 */
export function echoOf(request: SimRequest, chance: Chance): SimReply {
  const status = chance.pick([400, 422, 500]);
  const said = `Could not process this request: ${chance.pick(SPELLINGS)(quoted(request))}`;
  return chance.pick(FORMS)(status, said);
}

function quoted({ method, path, query, headers, body }: SimRequest): string {
  const url = query.size > 0 ? `${path}?${query.toString()}` : path;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${url}`, ...lines, '', body].join('\n');
}

const SPELLINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.replaceAll('\n', ' '),
  (text) => JSON.stringify(text),
  (text) => encodeURIComponent(text),
  (text) => Buffer.from(text).toString('base64'),
  // The words that matter first, as a log of a gateway is cut.
  (text) => text.split('\n').reverse().join(' ').slice(0, 180),
];

const FORMS: readonly ((status: number, said: string) => SimReply)[] = [
  (status, said) =>
    jsonReply(status, { success: false, status, error: said, msg: said, message: said }),
  (status, said) =>
    jsonReply(status, { success: false, error: 'invalid_args', msg: said, detail: said }),
  (status, said) =>
    jsonReply(status, { errors: [{ status: String(status), title: 'Error', detail: said }] }),
  (status, said) => jsonReply(status, [{ code: 'custom', message: said, path: [] }]),
  (status, said) => jsonReply(200, { success: false, status, error: said }),
  (status, said) => ({ status, headers: { 'content-type': 'text/plain' }, body: said }),
  (status, said) => ({
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${status}</title></head><body><pre>${said}</pre></body></html>`,
  }),
];

function jsonReply(status: number, body: unknown): SimReply {
  const headers = { 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify(body) };
}
