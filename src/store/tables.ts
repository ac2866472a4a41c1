import type { ColumnType, Generated } from 'kysely';
import type { ActivityRecord } from '../domain/activity/activity.ts';
import type { CostEntry } from '../domain/cost-entry.ts';
import type { BrokerEvent } from '../domain/events.ts';
import type { ProviderName, SessionId } from '../domain/ids.ts';
import type { AttemptFailure, Instance } from '../domain/instance.ts';
import type { PricePart } from '../domain/offer.ts';
import type { Orphan } from '../domain/orphan.ts';
import type { Session, SessionError } from '../domain/session.ts';
import type { IdempotencyClaim, ReconciledCharge } from '../ports/store.ts';

/**
 * The tables of `/migrations`, in camel case. Columns that hold a domain field as it is take their name and type
 * from the domain, so that a field which is added there and forgotten in SQL fails the first test that saves one.
 */
export interface Tables {
  readonly meta: { readonly key: string; readonly value: string };
  readonly sessions: SessionTable;
  readonly instances: InstanceTable;
  readonly costEntries: CostEntryTable;
  readonly events: EventTable;
  readonly idempotencyKeys: IdempotencyClaim & { readonly sessionId: SessionId };
  readonly orphans: OrphanTable;
  readonly unsettledCosts: { readonly sessionId: SessionId };
  readonly costDays: CostDayTable;
  readonly sessionDays: SessionDayTable;
  readonly providerCharges: ReconciledCharge;
  readonly pastSessions: PastSessionTable;
  readonly activity: ActivityTable;
}

/** How a domain type is stored: what may be absent is NULL. */
export type Stored<T> = {
  readonly [K in keyof T]-?: K extends OptionalKeys<T> ? Exclude<T[K], undefined> | null : T[K];
};

export type OptionalKeys<T> = {
  [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never;
}[keyof T];

export type PlainSessionFields = Omit<Session, 'request' | 'error' | 'formerEnd' | 'instances'>;

export interface SessionTable extends Stored<PlainSessionFields> {
  readonly consumerId: string;
  /** JSON of the request. */
  readonly request: string;
  readonly open: 0 | 1;
  readonly provider: ProviderName | null;
  readonly errorCode: SessionError['code'] | null;
  readonly errorMessage: string | null;
  /** JSON. */
  readonly formerEnd: string | null;
}

export type PlainInstanceFields = Omit<
  Instance,
  'offer' | 'address' | 'endpoint' | 'machine' | 'mismatches' | 'price' | 'failure' | 'costs'
>;

export interface InstanceTable extends Stored<PlainInstanceFields> {
  readonly place: number;
  /** JSON of the offer. */
  readonly offer: string;
  readonly gpuType: string;
  readonly sshHost: string | null;
  readonly sshPort: number | null;
  readonly sshUser: string | null;
  readonly endpointHost: string | null;
  readonly endpointPort: number | null;
  /** JSON of the report. */
  readonly machine: string | null;
  /** JSON of the list. */
  readonly mismatches: string | null;
  readonly priceGpu: number;
  readonly priceCpu: number;
  readonly priceRam: number;
  readonly priceDisk: number;
  readonly failureCode: AttemptFailure['code'] | null;
  readonly failureMessage: string | null;
}

export interface CostEntryTable extends Stored<CostEntry> {
  readonly sessionId: SessionId;
  readonly place: number;
  readonly seq: number;
  readonly part: PricePart;
}

export type OrphanTable = Stored<Orphan>;

/** Sums of ledger lines that are over, for a consumer or, under '', for all. */
interface CostDayTable {
  readonly consumerId: string;
  readonly day: number;
  readonly provider: ProviderName;
  readonly gpuType: string;
  readonly cost: number;
  readonly billedMs: number;
  readonly parts: number;
}

interface SessionDayTable {
  readonly consumerId: string;
  readonly day: number;
  readonly previousDay: number;
  readonly sessions: number;
}

/** A session that was forgotten. */
interface PastSessionTable extends Pick<Session, 'id' | 'createdAt'> {
  readonly consumerId: string;
  readonly stoppedAt: number;
  readonly cost: number;
}

interface ActivityTable extends Pick<ActivityRecord, 'sessionId' | 'at' | 'source'> {
  /** JSON of the rest of the record. */
  readonly body: string;
}

interface EventTable {
  readonly id: Generated<number>;
  readonly at: ColumnType<number, number, never>;
  readonly kind: ColumnType<BrokerEvent['kind'], BrokerEvent['kind'], never>;
  readonly sessionId: ColumnType<SessionId | null, SessionId | null, never>;
  /** JSON of the event, whole. */
  readonly body: ColumnType<string, string, never>;
}
