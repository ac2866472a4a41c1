import { Type } from '@sinclair/typebox';
import type { ProviderName } from '../../domain/ids.ts';
import {
  PREFERENCES,
  RETRY_SCOPES,
  SESSION_STATUSES,
  STOP_REASONS,
  WORKLOAD_TYPES,
} from '../../domain/session.ts';
import { closed, formed, instant, oneOf, usd } from './fields.ts';
import { MAX_PRICE_USD, maxPrice, pageFields, requirementFields } from './offer-schemas.ts';

export const MAX_RESERVATION_HOURS = 12;
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
  return closed({
    consumer_id: consumerId('Who the session is for.'),
    offer_id: Type.Optional(
      formed('^[!-~]{1,200}$', {
        meaning: 'an id as in GET /offers',
        description: 'The offer to rent.',
      }),
    ),
    requirements: Type.Optional(
      closed({
        ...requirementFields(options.providers),
        prefer: Type.Optional(
          oneOf(PREFERENCES, { description: 'What the best offer is best in.' }),
        ),
      }),
    ),
    workload_type: oneOf(WORKLOAD_TYPES, { description: 'What it will run.' }),
    reservation_hours: Type.Integer({
      minimum: 1,
      maximum: options.maxReservationHours,
      description: 'Hours, counted from `running`.',
    }),
    ...retryFields(),
    ...machineFields(),
    ...laterFields(),
  });
}

function retryFields() {
  return {
    auto_retry: Type.Optional(
      Type.Boolean({ description: 'With offer_id: on failure try other offers.' }),
    ),
    max_retries: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 5, default: 3, description: 'Further tries at most.' }),
    ),
    retry_scope: Type.Optional(
      oneOf(RETRY_SCOPES, { description: 'Which other offers may stand in.' }),
    ),
    max_price: Type.Optional(maxPrice()),
  };
}

function machineFields() {
  return {
    idle_threshold_minutes: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 720,
        default: 0,
        description: 'Minutes without work until the end; 0 = off.',
      }),
    ),
    disk_gb: Type.Optional(
      Type.Integer({ minimum: 8, maximum: 10_000, default: 50, description: 'GB of disk.' }),
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

/** Fields that the contract knows and a later release honours; see `LATER_FIELDS`. */
function laterFields() {
  const text = (description: string, maxLength = 512) =>
    Type.Optional(Type.String({ minLength: 1, maxLength, description }));
  return {
    storage_policy: Type.Optional(
      oneOf(['destroy', 'preserve'], { description: 'Only `destroy` in this version.' }),
    ),
    launch_mode: Type.Optional(
      oneOf(['ssh', 'entrypoint'], { description: 'Only `ssh` in this version.' }),
    ),
    pricing: Type.Optional(
      oneOf(['on_demand', 'interruptible'], { description: 'Only `on_demand` in this version.' }),
    ),
    bid_price: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: MAX_PRICE_USD,
        description: 'US dollars per hour. Not supported by this version.',
      }),
    ),
    docker_image: text('Not supported by this version.'),
    model_id: text('Not supported by this version.'),
    quantization: text('Not supported by this version.'),
    template_hash_id: text('Not supported by this version.'),
    on_start_cmd: text('Not supported by this version.', 3500),
    exposed_ports: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
        maxItems: 16,
        uniqueItems: true,
        description: 'Not supported by this version.',
      }),
    ),
  };
}

export const ExtendBody = closed({
  additional_hours: Type.Integer({
    minimum: 1,
    maximum: MAX_RESERVATION_HOURS,
    description: 'Hours to add to the end.',
  }),
});

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
  'terminating',
  'refused',
  'absent',
  'failed',
  'ended',
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

const AttemptAnswer = closed({
  offer_id: Type.String(),
  provider: Type.String(),
  outcome: oneOf(ATTEMPT_OUTCOMES, { description: 'Where the try stands, or how it ended.' }),
  error_type: Type.Optional(Type.String({ description: 'Why it did not serve.' })),
  started_at: instant('When it was decided.'),
  ended_at: Type.Optional(instant('When the provider no longer had it.')),
  cost: usd('So far.'),
});

export const SessionAnswer = closed({
  id: Type.String(),
  consumer_id: Type.String(),
  provider: Type.Optional(Type.String()),
  gpu_type: Type.Optional(Type.String()),
  gpu_count: Type.Optional(Type.Integer()),
  status: oneOf(SESSION_STATUSES, { description: 'Where the session stands.' }),
  error: Type.Optional(Type.String({ description: 'Why it failed, for a person.' })),
  error_type: Type.Optional(Type.String({ description: 'Why it failed, for a program.' })),
  ssh_host: Type.Optional(Type.String()),
  ssh_port: Type.Optional(Type.Integer()),
  ssh_user: Type.Optional(Type.String()),
  ssh_host_key: Type.Optional(
    Type.String({ description: 'SHA-256 fingerprint pinned at the first login.' }),
  ),
  launch_mode: Type.String(),
  api_endpoint: Type.Optional(Type.String()),
  workload_type: oneOf(WORKLOAD_TYPES, { description: 'What it runs.' }),
  reservation_hours: Type.Integer(),
  idle_threshold_minutes: Type.Integer({ description: '0 = off.' }),
  storage_policy: Type.String(),
  price_per_hour: Type.Optional(usd('Of the instance, all in.')),
  disk_gb: Type.Integer(),
  offer_id: Type.Optional(Type.String()),
  template_hash_id: Type.Optional(Type.String()),
  created_at: instant('When it was asked for.'),
  running_at: Type.Optional(instant('When a login was proven.')),
  expires_at: instant('Provisional before `running`.'),
  stopped_at: Type.Optional(instant('When the provider no longer had the instance.')),
  stop_reason: Type.Optional(oneOf(STOP_REASONS, { description: 'Why it ends or ended.' })),
  cost_so_far: usd('Of all tries.'),
  attempts: Type.Array(AttemptAnswer),
});

/** The only answer with a private key and a token in it; a replay of the same request is given them again. */
export const CreatedSessionAnswer = closed({
  session: SessionAnswer,
  ssh_private_key: Type.Optional(
    Type.String({ description: 'OpenSSH PEM; absent when the caller brought a key.' }),
  ),
  agent_token: Type.Optional(
    Type.String({ description: 'What a program on the machine shows with its heartbeats.' }),
  ),
});

export const SessionsAnswer = closed({
  sessions: Type.Array(SessionAnswer),
  count: Type.Integer({ description: 'On this page.' }),
  total: Type.Integer({ description: 'All that match.' }),
});

export const SessionMessage = closed({ message: Type.String(), session_id: Type.String() });

export const ExtendedAnswer = closed({
  message: Type.String(),
  session_id: Type.String(),
  new_expires_at: instant('The new end.'),
});
