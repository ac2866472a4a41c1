import { ceilingMicroUsd, microUsd } from '../../domain/money.ts';
import type { Choice } from '../../domain/session.ts';
import { MINUTE_MS } from '../../domain/time.ts';
import type { SessionWish } from '../../sessions/settle-request.ts';
import { known } from '../views/known.ts';
import type { CreateSessionBody } from './create-session-body.ts';
import { offerFilter } from './offer-filter.ts';
import { wantedReadiness } from './readiness.ts';
import { readPublicKey } from './ssh-public-key.ts';
import { workloadOf } from './workload.ts';

const DEFAULT_MAX_RETRIES = 3;

/** What the consumer asked for, with most defaults filled in; the body is valid by schema and by `sessionProblems`. */
export function sessionRequest(body: CreateSessionBody): SessionWish {
  return {
    consumerId: body.consumer_id,
    choice: choiceOf(body),
    workloadType: body.workload_type,
    workload: workloadOf(body),
    reservationHours: body.reservation_hours,
    idleThresholdMinutes: body.idle_threshold_minutes ?? 0,
    readiness: wantedReadiness(body),
    ...known({
      diskGb: body.disk_gb,
      templateHashId: body.template_hash_id,
      filterTemplateHashId: body.requirements?.template_hash_id,
      replaces: body.on_interruption === 'replace' ? (true as const) : undefined,
      keepsDisk: body.storage_policy === 'preserve' ? (true as const) : undefined,
      bidPerHour: body.bid_price === undefined ? undefined : microUsd(body.bid_price),
      sshPublicKey: publicKeyOf(body.ssh_public_key),
      maxPricePerHour: body.max_price === undefined ? undefined : ceilingMicroUsd(body.max_price),
      readyTimeoutMs:
        body.ssh_timeout_minutes === undefined ? undefined : body.ssh_timeout_minutes * MINUTE_MS,
      searchTimeoutMs:
        body.search_timeout_minutes === undefined
          ? undefined
          : body.search_timeout_minutes * MINUTE_MS,
    }),
  };
}

function choiceOf(body: CreateSessionBody): Choice {
  if (body.requirements) {
    const { prefer = 'expected_cost', ...fields } = body.requirements;
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
