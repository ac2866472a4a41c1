import type { Static } from '@sinclair/typebox';
import { ceilingMicroUsd } from '../../domain/money.ts';
import type { Choice, SessionRequest } from '../../domain/session.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import type { createSessionBody } from '../schemas/session-schemas.ts';
import { known } from '../views/known.ts';
import { offerFilter } from './offer-filter.ts';
import { readPublicKey } from './ssh-public-key.ts';

export type CreateSessionBody = Static<ReturnType<typeof createSessionBody>>;

const DEFAULT_DISK_GB = 50;
const DEFAULT_MAX_RETRIES = 3;

/** What the consumer asked for, with defaults filled in; the body is valid by schema and by `sessionProblems`. */
export function sessionRequest(body: CreateSessionBody): SessionRequest {
  return {
    consumerId: body.consumer_id,
    choice: choiceOf(body),
    workloadType: body.workload_type,
    workload: { kind: 'ssh' },
    reservationHours: body.reservation_hours,
    idleThresholdMinutes: body.idle_threshold_minutes ?? 0,
    diskGb: body.disk_gb ?? DEFAULT_DISK_GB,
    ...known({
      sshPublicKey: publicKeyOf(body.ssh_public_key),
      maxPricePerHour: body.max_price === undefined ? undefined : ceilingMicroUsd(body.max_price),
      readyTimeoutMs:
        body.ssh_timeout_minutes === undefined ? undefined : body.ssh_timeout_minutes * MINUTE_MS,
    }),
  };
}

function choiceOf(body: CreateSessionBody): Choice {
  if (body.requirements) {
    const { prefer = 'price', ...fields } = body.requirements;
    return { kind: 'requirements', filter: offerFilter(fields), prefer };
  }
  const offerId = body.offer_id ?? '';
  if (body.auto_retry !== true) return { kind: 'offer', offerId };
  return {
    kind: 'offer-or-like',
    offerId,
    scope: body.retry_scope ?? 'same_gpu',
    maxRetries: body.max_retries ?? DEFAULT_MAX_RETRIES,
  };
}

function publicKeyOf(text: string | undefined): string | undefined {
  const reading = text === undefined ? undefined : readPublicKey(text);
  return reading?.kind === 'key' ? reading.publicKey : undefined;
}
