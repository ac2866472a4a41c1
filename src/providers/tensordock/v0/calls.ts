import type { CallShape } from '../exchange.ts';
import { DEADLINE_MS, type GATES } from '../marketplace.ts';

/** Credentials and fields of a call. */
export type Form = Readonly<Record<string, string>>;

/** One endpoint: where it is, and how its calls wait. */
export type Target = Omit<CallShape, 'method' | 'gates' | 'query' | 'body' | 'headers'> & {
  readonly gates: readonly (keyof typeof GATES)[];
};

const ROOT = '/api/v0';

/** What a machine is made by. */
const LAUNCH = {
  operation: 'launch',
  deadlineMs: DEADLINE_MS.launch,
  priority: 'launch',
  gates: ['create', 'account'],
} as const;

const READ = { deadlineMs: DEADLINE_MS.read, gates: ['account'] } as const;

export const CALLS = {
  hostnodes: {
    operation: 'offers',
    path: `${ROOT}/client/deploy/hostnodes`,
    deadlineMs: DEADLINE_MS.offers,
    priority: 'search',
    gates: ['account'],
  },
  instantVms: {
    operation: 'offers',
    path: `${ROOT}/client/deploy/instantvms`,
    deadlineMs: DEADLINE_MS.offers,
    priority: 'search',
    gates: ['account'],
  },
  deploy: { ...LAUNCH, path: `${ROOT}/client/deploy/single` },
  deployInstant: { ...LAUNCH, path: `${ROOT}/client/deployinstant/single` },
  /** Somebody waits for the machine that the bid is for. */
  tryBid: {
    ...READ,
    operation: 'bid',
    path: `${ROOT}/client/spot/validate/new`,
    priority: 'launch',
  },
  tryExisting: {
    ...READ,
    operation: 'bid',
    path: `${ROOT}/client/spot/validate/existing`,
    priority: 'launch',
  },
  probeBid: {
    ...READ,
    operation: 'bid',
    path: `${ROOT}/client/spot/validate/new`,
    deadlineMs: DEADLINE_MS.probe,
    priority: 'search',
  },
  list: { ...READ, operation: 'list', path: `${ROOT}/client/list`, priority: 'list' },
  single: { ...READ, operation: 'get', path: `${ROOT}/client/get/single`, priority: 'status' },
  start: { ...READ, operation: 'start', path: `${ROOT}/client/start/single`, priority: 'launch' },
  /** What runs on costs money: goes as soon as an end does. */
  stop: {
    operation: 'stop',
    path: `${ROOT}/client/stop/single`,
    deadlineMs: DEADLINE_MS.terminate,
    priority: 'terminate',
    gates: ['account'],
  },
  remove: {
    operation: 'terminate',
    path: `${ROOT}/client/delete/single`,
    deadlineMs: DEADLINE_MS.terminate,
    priority: 'terminate',
    gates: ['account'],
  },
  testPair: { ...READ, operation: 'auth', path: `${ROOT}/auth/test`, priority: 'search' },
  balance: { ...READ, operation: 'balance', path: `${ROOT}/billing/balance`, priority: 'search' },
  summary: { ...READ, operation: 'charges', path: `${ROOT}/billing/summary`, priority: 'search' },
} as const satisfies Readonly<Record<string, Target>>;

export function getCall(target: Target, query: Form): CallShape {
  return { ...target, method: 'GET', query };
}

export function postCall(target: Target, form: Form): CallShape {
  return {
    ...target,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  };
}
