import { readFileSync } from 'node:fs';
import { type AnswerCheck, contractChecker } from '../support/contract-checker.ts';

const DOCUMENT = new URL('../../docs/openapi.json', import.meta.url);

let check: AnswerCheck | undefined;

/** Asks a broker, and throws when its answer is not as docs/openapi.json says (`npm run openapi` brings that up to date). */
export async function checkedFetch(url: string, init: RequestInit = {}): Promise<Response> {
  check ??= contractChecker(JSON.parse(readFileSync(DOCUMENT, 'utf8')));
  const response = await fetch(url, init);
  const { pathname, search } = new URL(url);
  check({
    method: init.method ?? 'GET',
    url: `${pathname}${search}`,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.clone().text(),
  });
  return response;
}
