import { Type } from '@sinclair/typebox';
import { FAILURE_TYPES } from '../../domain/failure-words.ts';
import type { ProviderName } from '../../domain/ids.ts';
import {
  PREFERENCES,
  RETRY_SCOPES,
  SESSION_STATUSES,
  STOP_REASONS,
  WORKLOAD_TYPES,
} from '../../domain/session.ts';
import { closed, countOf, formed, instant, oneOf, usd } from './fields.ts';
import { MachineAnswer } from './machine-schema.ts';
import { MAX_PRICE_USD, maxPrice, pageFields, requirementFields } from './offer-schemas.ts';
import {
  InterruptionAnswer,
  interruptionField,
  LoginAnswer,
  ON_INTERRUPTION,
} from './watched-schemas.ts';
import { workloadFields } from './workload-fields.ts';

export const MAX_RESERVATION_HOURS = 12;
const REQUIREMENTS_MEANING =
  'What the offer has to be: the broker picks one, and moves on to the next when it fails.';
const CONSUMER_ID = '^[A-Za-z0-9._:@/-]{1,128}$';

export function consumerId(description: string) {
  return formed(CONSUMER_ID, { meaning: '1 to 128 of A-Z a-z 0-9 . _ : @ / -', description });
}

interface CreateSessionOptions {
  readonly providers: readonly ProviderName[];
  /** Hours, at most {@link MAX_RESERVATION_HOURS}. */
  readonly maxReservationHours: number;
}

/** Which fields have to go together, and which this version cannot honour, is for `session-rules.ts` to say. */
export function createSessionBody(options: CreateSessionOptions) {
  return closed(
    {
      consumer_id: consumerId(
        'Who the session is for: an application or a person, by any name of yours.',
      ),
      offer_id: Type.Optional(
        formed('^[!-~]{1,200}$', {
          meaning: 'an id as in GET /offers',
          description: 'The offer to rent.',
        }),
      ),
      requirements: Type.Optional(
        closed(
          {
            ...requirementFields(options.providers),
            prefer: Type.Optional(
              oneOf(PREFERENCES, {
                description:
                  'What the best offer is best in: `expected_cost` when left out, of a session that works, all in all; or the `price` per hour, `reliability`, or `vram`.',
              }),
            ),
          },
          { title: 'Requirements', description: REQUIREMENTS_MEANING },
        ),
      ),
      workload_type: oneOf(WORKLOAD_TYPES, { description: 'What it will run.' }),
      reservation_hours: Type.Integer({
        minimum: 1,
        maximum: options.maxReservationHours,
        description: 'Hours, counted from `running`.',
      }),
      ...retryFields(),
      ...machineFields(),
      ...workloadFields(),
      ...termsFields(),
    },
    { title: 'NewSession' },
  );
}

function retryFields() {
  return {
    auto_retry: Type.Optional(
      Type.Boolean({
        description: 'With `offer_id`: on failure try other offers; `false` when left out.',
      }),
    ),
    max_retries: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 5,
        description: 'Further tries at most; 3 when left out.',
      }),
    ),
    retry_scope: Type.Optional(
      oneOf(RETRY_SCOPES, {
        description:
          'Which other offers may stand in, and up to how many times the price: `same_gpu` (default, 1.2), `same_vram` (1.5) or `any` (2).',
      }),
    ),
    search_timeout_minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 120,
        description:
          'Minutes from the request after which no other offer is tried; 120 when left out. With `requirements` or `auto_retry`.',
      }),
    ),
    max_price: Type.Optional(
      maxPrice('Ceiling for whatever is finally rented, all in, US dollars per hour.'),
    ),
  };
}

function machineFields() {
  return {
    idle_threshold_minutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 720,
        description:
          'The session ends when there has been no work on its machine for so many minutes on end; 0, or left out, is off. The broker looks into the machine once a minute and listens to its agent; whatever is not known counts as work. In `entrypoint` mode, and with a key of the caller’s own, the agent alone tells, and without one the session runs to its end.',
      }),
    ),
    disk_gb: Type.Optional(
      Type.Integer({
        minimum: 8,
        maximum: 10_000,
        description:
          'GB of disk; 50 when it is left out, or more where the size in a model’s name or the template asks for it.',
      }),
    ),
    ssh_public_key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8192,
        description: "The caller's own key, one OpenSSH line; then no private key is made.",
      }),
    ),
    ssh_timeout_minutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 60,
        description: 'Minutes until a try to start is given up.',
      }),
    ),
  };
}

/** On what terms the machine is rented, and what becomes of it. */
function termsFields() {
  return {
    storage_policy: Type.Optional(
      oneOf(STORAGE_POLICIES, {
        description:
          'What becomes of the machine at the end: `destroy` (default), or `preserve`: it is stopped and its disk kept, and billed, until the session is resumed or deleted or the disk is too old. Only with offers that are `preservable`.',
      }),
    ),
    ...interruptionField(),
    pricing: Type.Optional(
      oneOf(PRICINGS, {
        description:
          '`on_demand` (default), or `interruptible`: with a bid, and lost to a higher one. Only with offers that have a `min_bid`.',
      }),
    ),
    bid_price: Type.Optional(
      Type.Number({
        minimum: MIN_BID_USD,
        maximum: MAX_PRICE_USD,
        description:
          'US dollars per hour for the whole machine without its disk. Needed with, and only with, `pricing` `interruptible`; at least the `min_bid` of the offer.',
      }),
    ),
  };
}

/** No market takes less. */
export const MIN_BID_USD = 0.001;

export const STORAGE_POLICIES = ['destroy', 'preserve'] as const;
export const PRICINGS = ['on_demand', 'interruptible'] as const;

export const ExtendBody = closed(
  {
    additional_hours: Type.Integer({
      minimum: 1,
      maximum: MAX_RESERVATION_HOURS,
      description: 'Hours to add to the end.',
    }),
  },
  { title: 'Extension' },
);

export function sessionsQuery(providers: readonly ProviderName[]) {
  return closed({
    consumer_id: Type.Optional(consumerId('Only sessions of this consumer.')),
    status: Type.Optional(
      oneOf(SESSION_STATUSES, { description: 'Only sessions in this status.' }),
    ),
    provider: Type.Optional(oneOf(providers, { description: 'Only sessions at this provider.' })),
    ...pageFields('sessions'),
  });
}

/** Where one try to serve a session stands, or how it ended. */
export const ATTEMPT_OUTCOMES = [
  'launching',
  'provisioning',
  'running',
  'stopping',
  'preserved',
  'terminating',
  'refused',
  'absent',
  'failed',
  'ended',
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

const AttemptAnswer = closed(
  {
    offer_id: Type.String({ description: 'The offer that was tried.' }),
    provider: Type.String({ description: 'The marketplace.' }),
    outcome: oneOf(ATTEMPT_OUTCOMES, { description: 'Where the try stands, or how it ended.' }),
    price_per_hour: usd('Of its machine per hour, all in; before there is one, as agreed.'),
    error: Type.Optional(Type.String({ description: 'Why it did not serve, for a person.' })),
    error_type: Type.Optional(oneOf(FAILURE_TYPES, { description: 'Why it did not serve.' })),
    started_at: instant('When it was decided.'),
    ended_at: Type.Optional(instant('When the provider no longer had it.')),
    cost: usd('So far.'),
  },
  { title: 'Attempt', description: 'One try to serve a session.' },
);

export const SessionAnswer = closed(
  {
    id: Type.String({ description: 'What the other routes take.' }),
    consumer_id: Type.String({ description: 'Who it is for.' }),
    provider: Type.Optional(Type.String({ description: 'The marketplace of its machine.' })),
    gpu_type: Type.Optional(Type.String({ description: 'Type of the GPUs of its machine.' })),
    gpu_count: Type.Optional(Type.Integer({ minimum: 1, description: 'Number of GPUs.' })),
    status: oneOf(SESSION_STATUSES, { description: 'Where the session stands.' }),
    error: Type.Optional(Type.String({ description: 'Why it failed, for a person.' })),
    error_type: Type.Optional(
      oneOf(FAILURE_TYPES, { description: 'Why it failed, for a program.' }),
    ),
    ssh_host: Type.Optional(Type.String({ description: 'Name or address to log in at.' })),
    ssh_port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'Port to log in at.' }),
    ),
    ssh_user: Type.Optional(Type.String({ description: 'Whom to log in as.' })),
    ssh_host_key: Type.Optional(
      Type.String({ description: 'SHA-256 fingerprint pinned at the first login.' }),
    ),
    machine: Type.Optional(MachineAnswer),
    launch_mode: Type.String({ description: '`ssh` or `entrypoint`, as asked for.' }),
    api_endpoint: Type.Optional(
      Type.String({ description: 'In entrypoint mode: base URL of the workload.' }),
    ),
    workload_type: oneOf(WORKLOAD_TYPES, { description: 'What it runs.' }),
    reservation_hours: Type.Integer({
      description:
        'Hours of running, with all extensions; of the present run of a resumed session.',
    }),
    idle_threshold_minutes: Type.Integer({
      description: 'Minutes without work until the end; 0 = off.',
    }),
    idle_since: Type.Optional(
      instant('With a threshold: since when there has been no work without a break.'),
    ),
    idle_warned_at: Type.Optional(instant('When its end for idleness was announced.')),
    idle_deadline: Type.Optional(instant('When it ends for idleness if nothing happens.')),
    storage_policy: oneOf(STORAGE_POLICIES, { description: 'As asked for.' }),
    on_interruption: Type.Optional(
      oneOf(ON_INTERRUPTION, { description: 'Shown where it is not `end`.' }),
    ),
    login: Type.Optional(LoginAnswer),
    interruption: Type.Optional(InterruptionAnswer),
    disk_kept_until: Type.Optional(
      instant(
        'While a stopped session’s disk is kept: when it is given up, unless the session is resumed or deleted before.',
      ),
    ),
    disk_price_per_hour: Type.Optional(usd('While a disk is kept: what it costs per hour.')),
    pricing: Type.Optional(oneOf(PRICINGS, { description: 'Shown where it is not `on_demand`.' })),
    bid_price: Type.Optional(usd('Bid per hour for the machine without its disk.')),
    price_per_hour: Type.Optional(usd('Of its machine per hour, all in.')),
    disk_gb: Type.Integer({ description: 'GB of disk.' }),
    offer_id: Type.Optional(Type.String({ description: 'The offer of its machine.' })),
    template_hash_id: Type.Optional(Type.String({ description: 'The template it began with.' })),
    created_at: instant('When it was asked for.'),
    running_at: Type.Optional(instant('When a login was proven, or the workload answered.')),
    expires_at: instant('Provisional before `running`.'),
    stopped_at: Type.Optional(
      instant('When the provider no longer had the instance or, preserved, had it stopped.'),
    ),
    stop_reason: Type.Optional(oneOf(STOP_REASONS, { description: 'Why it ends or ended.' })),
    cost_so_far: usd('Of all tries.'),
    attempts: Type.Array(AttemptAnswer, { description: 'Each try, in order.' }),
  },
  { title: 'Session', description: 'The promise that a machine is rented, reachable and ended.' },
);

/** The only answer with a private key and a token in it; a replay of the same request is given them again. */
export const CreatedSessionAnswer = closed(
  {
    session: SessionAnswer,
    ssh_private_key: Type.Optional(
      Type.String({ description: 'OpenSSH PEM; absent when the caller brought a key.' }),
    ),
    agent_token: Type.Optional(
      Type.String({ description: 'What a program on the machine shows with its heartbeats.' }),
    ),
  },
  { title: 'CreatedSession' },
);

export const SessionsAnswer = closed(
  {
    sessions: Type.Array(SessionAnswer, { description: 'Newest first.' }),
    count: countOf('On this page.'),
    total: countOf('All that match.'),
  },
  { title: 'SessionPage' },
);

const message = Type.String({ description: 'What was done, for a person.' });
const sessionId = Type.String({ description: 'The session.' });

export const SessionMessage = closed(
  { message, session_id: sessionId },
  { title: 'SessionMessage' },
);

export const ExtendedAnswer = closed(
  { message, session_id: sessionId, new_expires_at: instant('The new end.') },
  { title: 'ExtendedSession' },
);
