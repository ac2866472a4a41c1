import type { Static } from '@sinclair/typebox';
import { burnRate, ledgerTotal } from '../../domain/billing.ts';
import { type FailureType, failureTypeOf } from '../../domain/failure-words.ts';
import { type AttemptFailure, type Instance, isFinalInstance } from '../../domain/instance.ts';
import { keptUntil } from '../../domain/lifecycle/keeping.ts';
import { toUsd } from '../../domain/money.ts';
import { totalPerHour } from '../../domain/offer.ts';
import { currentInstance, type Session } from '../../domain/session.ts';
import { type EpochMs, toRfc3339 } from '../../domain/time.ts';
import type { SessionService } from '../../sessions/session-service.ts';
import type { AttemptOutcome, SessionAnswer, SessionsAnswer } from '../schemas/session-schemas.ts';
import { idleView } from './activity-view.ts';
import { endpointUrl } from './endpoint-url.ts';
import { known } from './known.ts';
import { seenMachine } from './seen-machine.ts';
import { watchedView } from './watched-view.ts';

type SessionPage = Awaited<ReturnType<SessionService['page']>>;

/** What a view is made with beside the rows. */
export interface ViewTerms {
  readonly now: EpochMs;
  /** How long a kept disk is kept, in milliseconds. */
  readonly preservedMaxAgeMs: number;
}

export function sessionView(session: Session, terms: ViewTerms): Static<typeof SessionAnswer> {
  const { request } = session;
  const { now } = terms;
  const current = currentInstance(session);
  return {
    id: session.id,
    consumer_id: request.consumerId,
    status: session.status,
    launch_mode: request.workload.kind,
    workload_type: request.workloadType,
    reservation_hours: request.reservationHours,
    idle_threshold_minutes: request.idleThresholdMinutes,
    ...idleView(session),
    storage_policy: request.keepsDisk ? 'preserve' : 'destroy',
    disk_gb: current?.diskGb ?? request.diskGb,
    created_at: toRfc3339(session.createdAt),
    expires_at: toRfc3339(session.expiresAt),
    cost_so_far: costOf(session.instances, now),
    attempts: attemptViews(session, now),
    ...known({
      ...machineView(session, current),
      ...addressView(current),
      ...endView(session),
      ...keptView(session, current, terms),
      ...watchedView(session, current),
    }),
  };
}

/** The page without its sessions, but with their number. */
export function sessionPageFrame(page: SessionPage): Static<typeof SessionsAnswer> {
  return {
    sessions: [],
    count: page.sessions.length,
    total: page.total,
  };
}

function machineView({ request }: Session, current: Instance | undefined) {
  const { choice, workload } = request;
  return {
    provider: current?.provider,
    gpu_type: current?.offer.gpuType,
    gpu_count: current?.offer.gpuCount,
    machine: current && seenMachine(current),
    template_hash_id: workload.kind === 'ssh' ? workload.template?.hashId : undefined,
    ...bidView(request),
    price_per_hour: current && toUsd(totalPerHour(current.price)),
    offer_id: current?.offer.id ?? (choice.kind === 'requirements' ? undefined : choice.offerId),
  };
}

/** What a disk that is kept costs, and until when: what to know for whoever has to choose between keeping and deleting it. */
function keptView(session: Session, current: Instance | undefined, terms: ViewTerms) {
  if (current?.state !== 'preserved') return {};
  return {
    disk_kept_until: instantOf(keptUntil(session, current, terms)),
    disk_price_per_hour: toUsd(burnRate(current.costs)),
  };
}

function bidView({ bidPerHour }: Session['request']) {
  return bidPerHour === undefined
    ? {}
    : { pricing: 'interruptible' as const, bid_price: toUsd(bidPerHour) };
}

/** An address is shown only while the instance may be ours: afterwards it may be another customer's machine. */
function addressView(current: Instance | undefined) {
  const mayBeOurs = current !== undefined && !isFinalInstance(current.state);
  const address = mayBeOurs ? current.address : undefined;
  return {
    ssh_host: address?.host,
    ssh_port: address?.port,
    ssh_user: address?.user,
    ssh_host_key: address && current?.hostKey,
    api_endpoint: mayBeOurs && current.endpoint ? endpointUrl(current.endpoint) : undefined,
  };
}

function endView(session: Session) {
  return {
    error: session.error?.message,
    error_type: session.error && typeOf(session.error, currentInstance(session)),
    running_at: instantOf(session.runningAt),
    stopped_at: instantOf(session.stoppedAt),
    stop_reason: session.stopReason,
  };
}

/** GPUs that are taken make a kept machine unavailable for the moment, where of an offer they mean that it is gone. */
function typeOf({ code }: AttemptFailure, instance: Instance | undefined): FailureType {
  const isOfStart = code === 'no_capacity' && instance?.resumedAt !== undefined;
  return isOfStart ? 'provider_unavailable' : failureTypeOf(code);
}

function attemptViews(session: Session, now: EpochMs) {
  const attempts = session.instances.filter((instance) => instance.role === 'attempt');
  return attempts.map((attempt) => ({
    offer_id: attempt.offer.id,
    provider: attempt.provider,
    outcome: outcomeOf(attempt),
    started_at: toRfc3339(attempt.intendedAt),
    cost: costOf(withStrays(session, attempt), now),
    price_per_hour: toUsd(totalPerHour(attempt.price)),
    ...known({
      error: attempt.failure?.message,
      error_type: attempt.failure && typeOf(attempt.failure, attempt),
      ended_at: instantOf(attempt.goneAt),
    }),
  }));
}

/** A stray was rented by its attempt's call, so its cost stands there; the attempts then add up to the session. */
function withStrays(session: Session, attempt: Instance): readonly Instance[] {
  return session.instances.filter((instance) => instance.attempt === attempt.attempt);
}

function outcomeOf(attempt: Instance): AttemptOutcome {
  switch (attempt.state) {
    case 'intended':
    case 'launching':
    case 'unsettled':
      return 'launching';
    case 'launched':
      return attempt.runningAt === undefined ? 'provisioning' : 'running';
    case 'resuming':
      return 'provisioning';
    case 'gone':
      return attempt.failure ? 'failed' : 'ended';
    case 'stopping':
    case 'preserved':
    case 'terminating':
    case 'refused':
    case 'absent':
      return attempt.state;
  }
}

function costOf(instances: readonly Instance[], now: EpochMs): number {
  return toUsd(instances.reduce((sum, instance) => sum + ledgerTotal(instance.costs, now), 0));
}

function instantOf(at: EpochMs | undefined): string | undefined {
  return at === undefined ? undefined : toRfc3339(at);
}
