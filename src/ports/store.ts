import type { ActivityRecord } from '../domain/activity/activity.ts';
import type { Commitment } from '../domain/budget.ts';
import type { BrokerEvent } from '../domain/events.ts';
import type { ProviderApi, ProviderInstanceId, ProviderName, SessionId } from '../domain/ids.ts';
import type { Incident } from '../domain/incident.ts';
import type { Instance } from '../domain/instance.ts';
import type { MicroUsd, Span } from '../domain/money.ts';
import type { Order, Tried } from '../domain/odds/outcome.ts';
import type { Orphan, OrphanId, OrphanState } from '../domain/orphan.ts';
import type { Session, SessionStatus } from '../domain/session.ts';
import type { EpochMs } from '../domain/time.ts';

/**
 * The truth. Every method is one whole atomic step that is on disk when it returns; nobody holds a transaction.
 * A session is read and written whole, with its instances and their ledger lines.
 */
export interface Store {
  /**
   * Inserts a session at version 1 with its events; with an idempotency key that is known, inserts nothing. A key whose
   * session was refused and left nothing behind becomes the new session's, for the same body.
   */
  create(creation: SessionCreation): Promise<CreationResult>;

  /** What an idempotency key was used for before; undefined when it was not, or is free again by `now`. */
  findClaim(claim: IdempotencyUse, now: EpochMs): Promise<EarlierUse | undefined>;

  load(id: SessionId): Promise<Session | undefined>;

  /**
   * Replaces the session whose stored version is `session.version`, and stores it with that version plus one.
   * `stale` when the stored version is another one: nothing was written, load and decide again.
   */
  save(session: Session, events: readonly BrokerEvent[]): Promise<'saved' | 'stale'>;

  /** Appends events that belong to no session row. */
  append(events: readonly BrokerEvent[]): Promise<void>;

  /** Newest first; `total` counts all that match. */
  page(query: SessionQuery): Promise<SessionPage>;

  /** Ids of sessions that are not terminal or have an instance that is not final, oldest first. */
  openIds(): Promise<readonly SessionId[]>;

  /** The open sessions with an instance at this API. */
  openAt(api: ProviderApi): Promise<readonly Session[]>;

  /** Sessions that are not forgotten, with at least one ledger line that overlaps the window. */
  costs(query: CostQuery, now: EpochMs): Promise<readonly CostRow[]>;

  /** What runs up, and what is promised, at each marketplace where anything is open. */
  commitments(now: EpochMs): Promise<readonly ProviderCommitment[]>;

  /** Machines whose bill the provider may not have told yet, or may still change, oldest end first. */
  unreconciled(query: UnreconciledQuery): Promise<readonly EndedMachine[]>;

  /** Keeps what a provider has charged; of one machine the latest word counts. */
  saveCharges(charges: readonly ReconciledCharge[]): Promise<void>;

  /** What providers have charged for machines that ended within the window, beside what the ledger says of them. */
  reconciledCosts(query: ReconciledQuery): Promise<ReconciledCosts>;

  /**
   * What {@link costs} adds up to, in a time that does not grow with what is over, where the window is of whole UTC days; then
   * sessions that were forgotten count as before. A window that cuts a day leaves them out.
   */
  costSums(query: CostQuery, now: EpochMs): Promise<CostSums>;

  /** Micro-dollars ever charged to the session, also to one that was forgotten; undefined when there was no such session. */
  sessionCost(id: SessionId, now: EpochMs): Promise<MicroUsd | undefined>;

  /** Attempts by when they were decided, newest first; sessions' strays are none. */
  attemptsSince(query: AttemptQuery): Promise<readonly PastAttempt[]>;

  /** Everything written down of orphans at one marketplace, oldest first. */
  orphansOf(provider: ProviderName): Promise<readonly Orphan[]>;

  /** Those that are to end, oldest first. */
  endingOrphanIds(): Promise<readonly OrphanId[]>;

  findOrphan(id: OrphanId): Promise<Orphan | undefined>;

  /** Newest first; `total` counts all that match. */
  orphanPage(query: OrphanQuery): Promise<OrphanPage>;

  /** Orphans by provider and state. */
  orphanCounts(): Promise<readonly OrphanCount[]>;

  /**
   * Inserts an orphan of version 0; else replaces the one whose stored version is `orphan.version`. Stored with that
   * version plus one, with its events. `stale`: nothing was written, it is another by now, or there already, or gone.
   */
  saveOrphan(orphan: Orphan, events: readonly BrokerEvent[]): Promise<'saved' | 'stale'>;

  /** Forgets an orphan of exactly this version. */
  dropOrphan(orphan: Orphan, events: readonly BrokerEvent[]): Promise<'dropped' | 'stale'>;

  /**
   * Keeps what was found out of a session's activity at one moment, from one source; a second word for the same moment replaces
   * the first. Of a session's records all but the latest {@link MAX_ACTIVITY} may go at any time.
   */
  saveActivity(record: ActivityRecord): Promise<void>;

  /** A session's latest records, newest first. */
  activityOf(id: SessionId, limit: number): Promise<readonly ActivityRecord[]>;

  /**
   * Removes a few sessions that are over, were last heard of before the moment told, and are needed for nothing, with all that is known
   * of each but its cost: what days, consumers and providers cost, and what each of these sessions cost, is told as before. Oldest
   * first.
   */
  forgetSessions(query: ForgetSessionsQuery): Promise<ForgottenSessions>;

  /** Removes what is old enough of the events behind `after`, as far as one step looks. */
  forgetEvents(query: ForgetEventsQuery): Promise<ForgottenEvents>;

  /** What was last kept by {@link keepClockHistory}; undefined before the first time. */
  clockHistory(): Promise<ClockHistory | undefined>;

  keepClockHistory(history: ClockHistory): Promise<void>;

  /** Events of one session in order, at most `limit`. */
  events(id: SessionId, limit: number): Promise<readonly BrokerEvent[]>;

  close(): Promise<void>;
}

/** Records of activity that are kept of one session, at least: with a look a minute, those of the last six hours. */
export const MAX_ACTIVITY = 400;

export interface SessionCreation {
  readonly session: Session;
  readonly events: readonly BrokerEvent[];
  readonly idempotency?: IdempotencyClaim;
}

export interface IdempotencyUse {
  readonly key: string;
  /** SHA-256 of the canonical request body, hex. */
  readonly bodyHash: string;
}

export interface IdempotencyClaim extends IdempotencyUse {
  readonly expiresAt: EpochMs;
}

export type EarlierUse =
  | { readonly kind: 'replayed'; readonly sessionId: SessionId }
  | { readonly kind: 'idempotency_conflict' };

export type CreationResult = { readonly kind: 'created' } | EarlierUse;

export interface SessionQuery {
  readonly consumerId?: string;
  readonly status?: SessionStatus;
  readonly provider?: ProviderName;
  readonly limit: number;
  readonly offset: number;
}

export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly total: number;
}

export interface AttemptQuery {
  readonly since: EpochMs;
  readonly limit: number;
  readonly offset: number;
}

/** An attempt as far as its outcome follows from it, and what was ordered. */
export interface PastAttempt {
  readonly attempt: Tried & Pick<Instance, 'tag' | 'provider' | 'api' | 'offer'>;
  readonly order: Order;
}

export interface CostQuery {
  readonly consumerId?: string;
  readonly window: Span;
}

export interface ProviderCommitment extends Commitment {
  readonly provider: ProviderName;
}

export interface UnreconciledQuery {
  readonly provider: ProviderName;
  /** Machines that were gone before are left alone. */
  readonly goneAfter: EpochMs;
  /** A charge that was read so long after the machine was gone changes no more. */
  readonly settleMs: number;
  /** The machines of this API come first: it is the one that tells of its own. */
  readonly toldBy: ProviderApi;
  readonly limit: number;
}

/** A machine of ours that is gone, and what its ledger came to. */
export interface EndedMachine {
  readonly sessionId: SessionId;
  readonly provider: ProviderName;
  readonly api: ProviderApi;
  readonly providerInstanceId: ProviderInstanceId;
  /** The start of its first ledger line. */
  readonly billedFrom: EpochMs;
  readonly goneAt: EpochMs;
  readonly estimated: MicroUsd;
}

/** What a provider says it has charged for a machine of ours, beside what our ledger says. */
export interface ReconciledCharge {
  readonly provider: ProviderName;
  readonly providerInstanceId: ProviderInstanceId;
  readonly sessionId: SessionId;
  readonly endedAt: EpochMs;
  /** Traffic included. */
  readonly billed: MicroUsd;
  readonly traffic: MicroUsd;
  /** Traffic is no part of it. */
  readonly estimated: MicroUsd;
  /** When the provider said so. */
  readonly readAt: EpochMs;
}

export interface ForgetSessionsQuery {
  readonly endedBefore: EpochMs;
  readonly now: EpochMs;
  /** As in {@link UnreconciledQuery}: a session whose bill is still asked for stays. */
  readonly bills: Pick<UnreconciledQuery, 'goneAfter' | 'settleMs'>;
  readonly limit: number;
}

export interface ForgottenSessions {
  readonly ids: readonly SessionId[];
  /** Another step may find more. */
  readonly isMoreDue: boolean;
}

/** How the wall clock was set while processes ran, by a time that goes on only then. */
export interface ClockHistory {
  /** For how long processes have run, in all. */
  readonly upMs: number;
  /** Those that count, each later and further ahead than the one before it. */
  readonly settings: readonly ClockSetting[];
}

export interface ClockSetting {
  /** Of that time. */
  readonly aheadMs: number;
  readonly sinceMs: number;
}

export interface ForgetEventsQuery {
  readonly now: EpochMs;
  /** Those of sessions that ended before, and that are no younger themselves. */
  readonly before: EpochMs;
  /** Those that belong to no session; not after {@link before}. */
  readonly ofNoSessionBefore: EpochMs;
  /** What lasts: none of no session goes that came after the first word of one of these, whichever process said it. */
  readonly lasting: readonly Incident[];
  /** 0 = from the first on; else {@link ForgottenEvents.next} of the step before. */
  readonly after: number;
  readonly limit: number;
}

export interface ForgottenEvents {
  readonly count: number;
  /** Where to look on; undefined when everything that is old enough has been looked at. */
  readonly next?: number;
}

/** At least one of these. */
export interface ReconciledQuery {
  readonly consumerId?: string;
  readonly sessionId?: SessionId;
  readonly window?: Span;
}

export interface ReconciledCosts {
  readonly sessions: number;
  readonly byProvider: readonly ProviderCost[];
}

/** Sums over the machines at one marketplace. */
export interface ProviderCost {
  readonly provider: ProviderName;
  readonly billed: MicroUsd;
  readonly traffic: MicroUsd;
  readonly estimated: MicroUsd;
  /** When the newest of these charges was read. */
  readonly asOf: EpochMs;
}

export interface OrphanQuery {
  readonly state?: OrphanState;
  readonly provider?: ProviderName;
  readonly limit: number;
  readonly offset: number;
}

export interface OrphanPage {
  readonly orphans: readonly Orphan[];
  readonly total: number;
}

export interface OrphanCount {
  readonly provider: ProviderName;
  readonly state: OrphanState;
  readonly count: number;
}

/** The costs of a window. */
export interface CostSums {
  /** Together they are the whole; a provider and GPU type may have several. */
  readonly parts: readonly Omit<CostRow, 'sessionId'>[];
  /** How many sessions have a part. */
  readonly sessions: number;
}

/** One session's part of a window, at one provider and on one GPU type. */
export interface CostRow {
  readonly sessionId: SessionId;
  readonly provider: ProviderName;
  readonly gpuType: string;
  readonly cost: MicroUsd;
  /** Milliseconds inside the window during which a GPU of the session's was billed. */
  readonly billedMs: number;
}
