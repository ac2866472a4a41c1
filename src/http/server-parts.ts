import type { FastifyBaseLogger } from 'fastify';
import type { AccountHealth } from '../costs/accounts.ts';
import type { CostService } from '../costs/cost-service.ts';
import type { ProviderName } from '../domain/ids.ts';
import type { Incident } from '../domain/incident.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Menu } from '../inventory/menu.ts';
import type { OfferHealth } from '../inventory/offer-health.ts';
import type { Templates } from '../inventory/templates.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { ActivityService } from '../sessions/activity-reader.ts';
import type { DiagnosticsService } from '../sessions/diagnostics.ts';
import type { HeartbeatService } from '../sessions/heartbeats.ts';
import type { OrphanService } from '../sessions/orphan-service.ts';
import type { LifecyclePhase, SessionService } from '../sessions/session-service.ts';
import type { ConnectionLimits } from './connection-limits.ts';

/** What the HTTP side is built from. Everything that it cannot make itself is a part. */
export interface ServerParts {
  readonly menu: Menu;
  readonly templates: Templates;
  readonly offerHealth: OfferHealth;
  readonly sessions: SessionService;
  readonly diagnostics: DiagnosticsService;
  readonly heartbeats: HeartbeatService;
  readonly activity: ActivityService;
  readonly orphans: OrphanService;
  readonly costs: CostService;
  /** How the account at each marketplace stands. */
  readonly accounts: () => readonly AccountHealth[];
  /** Those that last. */
  readonly incidents: () => readonly Incident[];
  readonly phase: () => LifecyclePhase;
  /** The whole Prometheus page. */
  readonly metricsText: () => Promise<string>;
  readonly recordRequest: (request: ServedRequest) => void;
  /** Undefined where nobody collects spans. */
  readonly tracing: Tracing | undefined;
  readonly log: FastifyBaseLogger;
  /** Wall-clock time, for ages and running costs. */
  readonly now: () => EpochMs;
  /** Milliseconds that never jump, for spans. */
  readonly monotonicMs: () => number;
  /** Public names that a `provider` field accepts; at least one. */
  readonly providers: readonly ProviderName[];
  /** Empty = no authentication. */
  readonly tokens: readonly ApiToken[];
  /** Names, besides the bound one and `localhost`, by which callers may reach this server. */
  readonly allowedHosts: readonly string[];
  /** The address that the server listens on, without port. */
  readonly boundHost: string;
  /** Requests of one client in a minute; 0 = as many as it likes. */
  readonly rateLimitPerMinute: number;
  readonly connections: ConnectionLimits;
  readonly makeRequestId: () => string;
  /** Running time in all that no session exceeds, in milliseconds. */
  readonly hardLimitMs: number;
  /** How long the disk of a session that does not run is kept, in milliseconds. */
  readonly preservedMaxAgeMs: number;
  readonly apiVersionInfo: ApiVersionInfo;
}

/** One answered request, in labels of closed sets: `route` is the pattern, or `unmatched`. */
export interface ServedRequest {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** A caller's credential; the name is for logs and may be shown. */
export interface ApiToken {
  readonly name: string;
  readonly token: string;
}

export interface ApiVersionInfo {
  readonly name: string;
  readonly version: string;
}
