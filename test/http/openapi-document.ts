import { readFileSync } from 'node:fs';
import { buildServer } from '../../src/http/server.ts';
import { world } from './http-world.ts';

/** Where the document is kept for those who have no broker at hand. */
export const DOCUMENT_FILE = new URL('../../docs/openapi.json', import.meta.url);

/** The document that a broker of this source serves. */
export async function openapiDocument(): Promise<Readonly<Record<string, unknown>>> {
  const { name, version } = packageInfo();
  const server = buildServer(world({ apiVersionInfo: { name, version } }).parts);
  await server.ready();
  return JSON.parse(JSON.stringify(server.swagger()));
}

/** Its text as it is kept. */
export async function openapiText(): Promise<string> {
  return `${JSON.stringify(await openapiDocument(), null, 2)}\n`;
}

function packageInfo(): { readonly name: string; readonly version: string } {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
}
