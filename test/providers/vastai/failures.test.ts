import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailureKind, FailureOutcome } from '../../../src/domain/errors.ts';
import {
  failureOf,
  order,
  PUBLIC_KEY,
  sealNetwork,
  unsealNetwork,
  vastaiWorld,
  type World,
  wire,
} from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

interface Row {
  readonly says: string;
  readonly status: number;
  readonly body: string | Record<string, unknown>;
  readonly kind: FailureKind;
  readonly outcome: FailureOutcome;
  readonly leftover?: string;
  readonly retryAfterMs?: number;
  readonly headers?: Record<string, string>;
}

const AUTH = { success: false, error: 'auth_error', msg: 'Invalid user key' };

const BAD_KEY: readonly Row[] = [
  {
    says: 'unknown key, as seen live',
    status: 404,
    body: AUTH,
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'unknown key, older',
    status: 401,
    body: AUTH,
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'no key',
    status: 403,
    body: { success: false, error: 'auth_error', msg: 'This action requires login.' },
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'a key without its second factor',
    status: 401,
    body: { msg: 'This requires you to have logged in using Two Factor Authentication' },
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'an expired session',
    status: 404,
    body: { msg: 'Session expired. Please log in again.' },
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'plain text',
    status: 401,
    body: 'Please log in or sign up',
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'a key without the permission',
    status: 403,
    body: { detail: 'Your key lacks the instance_write permission group' },
    kind: 'unauthorized',
    outcome: 'not_done',
  },
  {
    says: 'a refusal that wears a 200',
    status: 200,
    body: AUTH,
    kind: 'unauthorized',
    outcome: 'not_done',
  },
];

const LAUNCH: readonly Row[] = [
  ...BAD_KEY,
  {
    says: 'a gone offer, as seen live',
    status: 400,
    body: {
      success: false,
      error: 'invalid_args',
      msg: 'error 404/3603: no_such_ask  Instance type by id 30112233 is not available.',
      ask_id: 30112233,
    },
    kind: 'no_capacity',
    outcome: 'not_done',
  },
  {
    says: 'a gone offer, as documented',
    status: 404,
    body: { success: false, error: 'no_such_ask', msg: 'error 404/3603: no_such_ask' },
    kind: 'no_capacity',
    outcome: 'not_done',
  },
  {
    says: 'an offer that cannot start now',
    status: 410,
    body: {
      success: false,
      error: 'no_such_ask',
      msg: 'error 410/3907: no_such_ask Instance type 30112233 is no longer available.',
      ask_id: 30112233,
    },
    kind: 'no_capacity',
    outcome: 'not_done',
  },
  {
    says: 'an offer for its host only, which is not about the key',
    status: 403,
    body: {
      success: false,
      msg: 'error 403/3586: Offer 30112233 is not your own. Hosts can only rent their own machines.',
    },
    kind: 'no_capacity',
    outcome: 'not_done',
  },
  {
    says: 'no credit',
    status: 400,
    body: {
      success: false,
      error: 'insufficient_credit',
      msg: 'Your account lacks credit; see the billing page.',
    },
    kind: 'insufficient_funds',
    outcome: 'not_done',
  },
  {
    says: 'a spending cap',
    status: 400,
    body: { success: false, error: 'spend_rate_limit', msg: 'limit reached' },
    kind: 'insufficient_funds',
    outcome: 'not_done',
  },
  {
    says: 'a bug in the request',
    status: 400,
    body: {
      success: false,
      error: 'invalid_args',
      msg: "error 400/3467: Invalid args: 'id' is required",
    },
    kind: 'invalid',
    outcome: 'not_done',
  },
  {
    says: 'a bid out of range',
    status: 400,
    body: { success: false, error: 'invalid_price' },
    kind: 'invalid',
    outcome: 'not_done',
  },
  {
    says: 'a machine image without an account key',
    status: 400,
    body: { success: false, error: 'no_ssh_key_for_vm' },
    kind: 'invalid',
    outcome: 'not_done',
  },
  {
    says: 'too often, as text without a number: out for the penalty',
    status: 429,
    body: 'API requests too frequent',
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 12_000,
  },
  {
    says: 'too often, as live JSON',
    status: 429,
    body: {
      message:
        'The action could not be performed because there were too many requests by the client.\n\nAPI requests too frequent: endpoint threshold=4.5*1.0\n\n',
      code: '429 Too Many Requests',
    },
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 12_000,
  },
  {
    says: 'too often, with a threshold above the penalty, in seconds',
    status: 429,
    body: { detail: 'API requests too frequent endpoint threshold=20.5' },
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 20_500,
  },
  {
    says: 'too often, with a header',
    status: 429,
    body: '',
    headers: { 'Retry-After': '33' },
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 33_000,
  },
  {
    says: 'too often, with a number that cannot be meant',
    status: 429,
    body: 'threshold=99999999',
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 60_000,
  },
  {
    says: 'a fault of the server',
    status: 500,
    body: { success: false, error: 'server_error', msg: 'Something went wrong on the server' },
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'a gateway whose words sound like a gone offer',
    status: 503,
    body: '<h1>The service is not available</h1>',
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'a redirect',
    status: 308,
    body: '',
    headers: { location: 'https://elsewhere.test/' },
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'a request that took the server too long to read',
    status: 408,
    body: '',
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'a contract that was made and did not start',
    status: 200,
    body: { success: false, error: 'bid_too_low', new_contract: 54540012 },
    kind: 'no_capacity',
    outcome: 'not_done',
    leftover: '54540012',
  },
  {
    says: 'a contract beside an error of another status',
    status: 500,
    body: { error: 'server_error', new_contract: 54540013 },
    kind: 'no_capacity',
    outcome: 'not_done',
    leftover: '54540013',
  },
  {
    says: 'a no in a 200, in known words',
    status: 200,
    body: { success: false, error: 'no_such_ask' },
    kind: 'no_capacity',
    outcome: 'not_done',
  },
  {
    says: 'a no in a 200, in unknown words',
    status: 200,
    body: { success: false, msg: 'hm' },
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'a yes that cannot be read',
    status: 200,
    body: '{"succ',
    kind: 'malformed',
    outcome: 'unknown',
  },
  {
    says: 'a yes without an id',
    status: 200,
    body: { success: true },
    kind: 'malformed',
    outcome: 'unknown',
  },
  {
    says: 'a yes with an id that is none',
    status: 200,
    body: { success: true, new_contract: 0 },
    kind: 'malformed',
    outcome: 'unknown',
  },
];

const MISSING = { success: false, error: 'no_such_instance', msg: 'Instance 7 not found.' };

const ACCESS: readonly Row[] = [
  ...BAD_KEY,
  {
    says: 'a missing instance',
    status: 404,
    body: MISSING,
    kind: 'not_found',
    outcome: 'not_done',
  },
  { says: 'a fault', status: 500, body: '', kind: 'unavailable', outcome: 'unknown' },
  {
    says: 'a fault that mentions what is already there',
    status: 502,
    body: 'already gone',
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'a no',
    status: 400,
    body: { success: false, error: 'invalid_args' },
    kind: 'invalid',
    outcome: 'not_done',
  },
  { says: 'text', status: 200, body: 'ok', kind: 'malformed', outcome: 'unknown' },
];

const TERMINATE: readonly Row[] = [
  ...BAD_KEY,
  {
    says: 'a no in a 200',
    status: 200,
    body: { success: false, msg: 'not now' },
    kind: 'unavailable',
    outcome: 'unknown',
  },
  {
    says: 'too often',
    status: 429,
    body: {
      success: false,
      error: 'rate_limit_exceeded',
      msg: 'API requests too frequent endpoint threshold=3.0',
    },
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 3_000,
  },
  { says: 'a fault', status: 500, body: '', kind: 'unavailable', outcome: 'unknown' },
  {
    says: 'an id that is none',
    status: 400,
    body: { success: false, error: 'invalid_args', msg: 'invalid instance_id' },
    kind: 'invalid',
    outcome: 'not_done',
  },
  { says: 'text', status: 200, body: '<html>', kind: 'malformed', outcome: 'unknown' },
];

const READING: readonly Row[] = [
  ...BAD_KEY,
  { says: 'a fault', status: 500, body: '', kind: 'unavailable', outcome: 'not_done' },
  { says: 'text', status: 200, body: '<html>', kind: 'malformed', outcome: 'not_done' },
  { says: 'an empty object', status: 200, body: {}, kind: 'malformed', outcome: 'not_done' },
  {
    says: 'an endpoint that was withdrawn',
    status: 410,
    body: { success: false, error: 'deprecated_endpoint' },
    kind: 'invalid',
    outcome: 'not_done',
  },
  {
    says: 'a page that is not there, which is not an instance that is not there',
    status: 404,
    body: '<h1>404 page</h1>',
    kind: 'invalid',
    outcome: 'not_done',
  },
  {
    says: 'too often',
    status: 429,
    body: 'API requests too frequent: endpoint threshold=2.5',
    kind: 'rate_limited',
    outcome: 'not_done',
    retryAfterMs: 2_500,
  },
];

interface Case {
  readonly operation: string;
  readonly stub: (row: Row) => void;
  readonly act: (world: World) => Promise<unknown>;
  readonly rows: readonly Row[];
}

const INSTANCE = '/api/v0/instances/7/';

const CASES: readonly Case[] = [
  {
    operation: 'launch',
    stub: (row) => wire().put('/api/v0/asks/30112233/').reply(row.status, row.body, row.headers),
    act: ({ provider }) => provider.launch(order()),
    rows: LAUNCH,
  },
  {
    operation: 'grant_access',
    stub: (row) => wire().post(`${INSTANCE}ssh/`).reply(row.status, row.body, row.headers),
    act: ({ provider }) => provider.grantAccess('7', PUBLIC_KEY),
    rows: ACCESS,
  },
  {
    operation: 'terminate',
    stub: (row) => wire().delete(INSTANCE).reply(row.status, row.body, row.headers),
    act: ({ provider }) => provider.terminate('7'),
    rows: TERMINATE,
  },
  {
    operation: 'get',
    stub: (row) => wire().get(INSTANCE).reply(row.status, row.body, row.headers),
    act: ({ provider }) => provider.get('7'),
    rows: READING,
  },
  {
    operation: 'list',
    stub: (row) =>
      wire().get('/api/v1/instances/').query(true).reply(row.status, row.body, row.headers),
    act: ({ provider }) => provider.list(),
    rows: READING,
  },
  {
    operation: 'balance',
    stub: (row) => wire().get('/api/v0/users/current/').reply(row.status, row.body, row.headers),
    act: ({ provider }) => provider.balance(),
    rows: BAD_KEY,
  },
];

describe.each(CASES)('Vast.ai $operation refused with', ({ operation, stub, act, rows }) => {
  it.each(rows)('$says ($status) is $kind and $outcome', async (row) => {
    stub(row);
    const world = vastaiWorld();
    const { kind, outcome, leftover, retryAfterMs } = await failureOf(act(world));
    expect({ kind, outcome, leftover, retryAfterMs }).toEqual({
      kind: row.kind,
      outcome: row.outcome,
      leftover: row.leftover,
      retryAfterMs: row.retryAfterMs,
    });
    const calls = world.recorder.notes.filter(({ kind }) => kind === 'provider_call');
    expect(calls).toMatchObject([{ operation, failure: row.kind }]);
  });
});
