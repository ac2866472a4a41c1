import nock from 'nock';
import type { Offer } from '../../../../src/domain/offer.ts';
import type { Provider } from '../../../../src/ports/provider.ts';
import { createTensordockV0Provider } from '../../../../src/providers/tensordock/v0/provider.ts';
import { AUTH_ID, BASE_URL, TOKEN, type World, world } from '../harness.ts';
import { WINNIPEG } from './examples.ts';

/** What the adapter keeps of the documented hostnode. */
export const SITE = {
  hostnode: WINNIPEG,
  v0Name: 'geforcertx3080-pcie-10gb',
  count: 1,
  vcpus: 8,
  ramGb: 32,
  ports: '20001,20002,20003',
};

export function providerIn(parts: World = world()): Provider {
  return createTensordockV0Provider(parts, {
    authId: AUTH_ID,
    apiToken: TOKEN,
    baseUrl: BASE_URL,
    defaultImage: 'ubuntu2204',
    defaultVcpus: 8,
    defaultRamGb: 32,
  });
}

/** Answers one form-encoded post, and hands over the fields that came with the credentials. */
export function stubPost(
  path: string,
  answer: unknown,
  status = 200,
): { fields: Record<string, string> } {
  const seen: { fields: Record<string, string> } = { fields: {} };
  nock(BASE_URL, { reqheaders: { 'content-type': 'application/x-www-form-urlencoded' } })
    .post(`/api/v0${path}`, ({ api_key, api_token, ...fields }) => {
      seen.fields = fields;
      return api_key === AUTH_ID && api_token === TOKEN;
    })
    .reply(status, typeof answer === 'string' ? answer : JSON.stringify(answer));
  return seen;
}

/** Answers one get with credentials, and hands over what was asked besides. */
export function stubGet(path: string, answer: unknown): { query: Record<string, string> } {
  const seen: { query: Record<string, string> } = { query: {} };
  nock(BASE_URL)
    .get(`/api/v0${path}`)
    .query(({ api_key, api_token, ...query }) => {
      seen.query = Object.fromEntries(
        Object.entries(query).map(([name, value]) => [name, String(value)]),
      );
      return api_key === AUTH_ID && api_token === TOKEN;
    })
    .reply(200, JSON.stringify(answer));
  return seen;
}

export interface Lists {
  readonly hostnodes: unknown;
  readonly instantVms?: unknown;
}

/** Answers all that one reading of the menu asks for, bids aside. */
export function stubMenu({ hostnodes, instantVms = { virtual_machines: {} } }: Lists): void {
  stubGet('/client/deploy/hostnodes', hostnodes);
  stubGet('/client/deploy/instantvms', instantVms);
}

/** What a provider offers that has just been started. */
export async function offersFrom(lists: Lists): Promise<readonly Offer[]> {
  stubPost('/auth/test', { success: true });
  stubMenu(lists);
  return providerIn().offers();
}
