import { Writable } from 'node:stream';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import type { Reconciled } from '../../src/costs/charge-book.ts';
import type { CostService, CostSummary, SummaryQuery } from '../../src/costs/cost-service.ts';
import { BrokerError } from '../../src/domain/errors.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Offer } from '../../src/domain/offer.ts';
import type { Orphan } from '../../src/domain/orphan.ts';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import type { AppServer } from '../../src/http/app-server.ts';
import { CONNECTION_LIMITS } from '../../src/http/connection-limits.ts';
import { buildServer } from '../../src/http/server.ts';
import type { ServedRequest, ServerParts } from '../../src/http/server-parts.ts';
import type { Menu, MenuHealth, MenuPage, MenuQuery } from '../../src/inventory/menu.ts';
import type { Templates } from '../../src/inventory/templates.ts';
import type { DiagnosticsService, Examination } from '../../src/sessions/diagnostics.ts';
import type {
  Heartbeat,
  HeartbeatOutcome,
  HeartbeatService,
} from '../../src/sessions/heartbeats.ts';
import type { OrphanService } from '../../src/sessions/orphan-service.ts';
import type { SessionPlan } from '../../src/sessions/session-plan.ts';
import type {
  CreatedSession,
  CreateSession,
  LifecyclePhase,
  SessionService,
} from '../../src/sessions/session-service.ts';
import { type AnswerCheck, contractChecker } from '../support/contract-checker.ts';
import { REPORT } from '../support/fake-shell.ts';

export const NOW = Date.UTC(2026, 0, 29, 12);
export const SESSION_ID = 'sess-abcdefgh12345678';
export const ORPHAN_ID = 'vastai-777';
export const PRIVATE_KEY =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nmade-up\n-----END OPENSSH PRIVATE KEY-----\n';
export const AGENT_TOKEN = 'agent_made-up';
export const PUBLIC_KEY = `ssh-ed25519 ${sshBlob('ssh-ed25519', Buffer.alloc(32, 7))}`;

/** No marketplace that has templates is configured. */
export const NO_TEMPLATES: Templates = {
  list: () => ({ kind: 'unsupported' }),
  find: async () => ({ kind: 'unsupported' }),
};

/** What a body needs at least. */
export const LEAST_BODY = {
  consumer_id: 'my-application',
  offer_id: 'vastai-12345',
  workload_type: 'llm',
  reservation_hours: 2,
};

export function sshBlob(...fields: readonly (string | Buffer)[]): string {
  const parts = fields.flatMap((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(field));
    return [length, Buffer.from(field)];
  });
  return Buffer.concat(parts).toString('base64');
}

export function offer(overrides: Partial<Offer> = {}): Offer {
  return {
    id: 'vastai-12345',
    provider: 'vastai',
    api: 'vastai',
    providerId: '12345',
    gpuType: 'RTX 4090',
    gpuCount: 1,
    vramGb: 24,
    price: { gpu: 400_000, cpu: 0, ram: 0, disk: 50_000 },
    diskMicroUsdPerGbHour: 1000,
    includedDiskGb: 50,
    minDiskGb: 8,
    location: 'California, US',
    country: 'US',
    reliability: 0.98,
    available: true,
    availabilityConfidence: 0.9,
    maxDurationHours: 0,
    fetchedAt: NOW - 30_000,
    interruptible: false,
    adapterData: { machineSecret: 'adapter-only' },
    ...overrides,
  };
}

export function instance(overrides: Partial<Instance> = {}): Instance {
  return {
    role: 'attempt',
    sessionId: SESSION_ID,
    attempt: 1,
    tag: 'gpub-test-abcdefgh12345678-1',
    provider: 'vastai',
    api: 'vastai',
    offer: offer(),
    diskGb: 50,
    state: 'launched',
    providerInstanceId: 'instance-777',
    address: { host: '192.0.2.10', port: 2222, user: 'root' },
    hostKey: 'SHA256:fingerprint',
    price: { gpu: 400_000, cpu: 0, ram: 0, disk: 50_000 },
    phase: 'running',
    intendedAt: NOW - HOUR_MS,
    readyBy: NOW,
    launchAttempts: 0,
    runningAt: NOW - HOUR_MS,
    terminateAttempts: 0,
    costs: [
      { part: 'gpu', rateMicroUsdPerHour: 400_000, startedAt: NOW - HOUR_MS },
      { part: 'disk', rateMicroUsdPerHour: 50_000, startedAt: NOW - HOUR_MS },
    ],
    ...overrides,
  };
}

export function session(overrides: Partial<Session> = {}): Session {
  return {
    id: SESSION_ID,
    version: 3,
    request: {
      consumerId: 'my-application',
      choice: { kind: 'offer', offerId: 'vastai-12345' },
      workloadType: 'llm',
      workload: { kind: 'ssh' },
      reservationHours: 2,
      idleThresholdMinutes: 0,
      diskGb: 50,
    },
    status: 'running',
    publicKey: 'ssh-ed25519 PUBLIC-PART',
    sealedPrivateKey: 'SEALED-PRIVATE-PART',
    createdAt: NOW - HOUR_MS,
    runningAt: NOW - HOUR_MS,
    expiresAt: NOW + HOUR_MS,
    instances: [instance()],
    ...overrides,
  };
}

export function orphan(overrides: Partial<Orphan> = {}): Orphan {
  return {
    id: ORPHAN_ID,
    version: 2,
    provider: 'vastai',
    api: 'vastai',
    providerInstanceId: '777',
    tag: 'gpub-test-abcdefgh12345678-1',
    state: 'ending',
    decidedBy: 'sweep',
    terminateAttempts: 3,
    detectedAt: NOW - HOUR_MS,
    decidedAt: NOW,
    ...overrides,
  };
}

export interface World {
  readonly parts: ServerParts;
  readonly created: CreateSession[];
  readonly planned: { readonly wish: CreateSession['request']; readonly limit: number }[];
  readonly menuQueries: MenuQuery[];
  readonly pageQueries: Parameters<SessionService['page']>[0][];
  readonly orphanQueries: Parameters<OrphanService['page']>[0][];
  /** `terminate <id>` or `ignore <id>`, in order. */
  readonly orphanWords: string[];
  readonly heartbeats: Heartbeat[];
  readonly summaryQueries: SummaryQuery[];
  readonly served: ServedRequest[];
  readonly logLines: Record<string, unknown>[];
  /** Every answer is held against the OpenAPI document. */
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse>;
  /** For a fake that says what the real part of the broker never would: the answer is held against nothing. */
  injectUnchecked: World['inject'];
}

export interface WorldOptions extends Partial<ServerParts> {
  readonly page?: Partial<Omit<MenuPage, 'listed' | 'positions'>> & {
    readonly offers?: readonly Offer[];
  };
  readonly sessionAnswers?: Partial<SessionService>;
  readonly stored?: Session;
  readonly orphanAnswers?: Partial<OrphanService>;
  readonly storedOrphan?: Orphan;
  readonly examination?: Examination;
  readonly heartbeatOutcome?: HeartbeatOutcome;
  readonly startAt?: LifecyclePhase;
  readonly health?: MenuHealth;
  readonly reconciled?: Reconciled;
}

/** A server over fakes that remember what they were asked. */
export function world(options: WorldOptions = {}): World {
  const seen = {
    created: [],
    planned: [],
    menuQueries: [],
    pageQueries: [],
    orphanQueries: [],
    orphanWords: [],
    heartbeats: [],
    summaryQueries: [],
    served: [],
    logLines: [],
  };
  const record: Omit<World, 'parts' | 'inject' | 'injectUnchecked'> = seen;
  const parts: ServerParts = {
    menu: fakeMenu(options, record),
    templates: NO_TEMPLATES,
    offerHealth: { page: () => ({ rows: [], total: 0 }) },
    sessions: { ...fakeSessions(options.stored ?? session(), record), ...options.sessionAnswers },
    diagnostics: fakeDiagnostics(options),
    heartbeats: fakeHeartbeats(options, record),
    activity: {
      read: async (id) => {
        const stored = options.stored ?? session();
        return stored.id === id ? { session: stored, records: [] } : undefined;
      },
    },
    orphans: { ...fakeOrphans(options.storedOrphan ?? orphan(), record), ...options.orphanAnswers },
    costs: fakeCosts(options, record),
    accounts: () => [],
    incidents: () => [],
    phase: () => options.startAt ?? 'running',
    metricsText: async () => '# HELP gpu_sessions_active Sessions.\n',
    recordRequest: (request) => record.served.push(request),
    tracing: undefined,
    log: pino({ level: 'debug' }, lineSink(record.logLines)),
    now: () => NOW,
    monotonicMs: () => 0,
    providers: ['vastai', 'tensordock'],
    tokens: [],
    allowedHosts: [],
    rateLimitPerMinute: 0,
    connections: CONNECTION_LIMITS,
    boundHost: '127.0.0.1',
    makeRequestId: () => 'made-request-id',
    hardLimitMs: 12 * HOUR_MS,
    preservedMaxAgeMs: 168 * HOUR_MS,
    apiVersionInfo: { name: 'gpu-broker', version: '0.1.0' },
    ...options,
  };
  const app = buildServer(parts);
  const injectUnchecked: World['inject'] = async (request) => app.inject(request);
  const inject: World['inject'] = async (request) => {
    const answer = await injectUnchecked(request);
    checkAnswer(app, answer);
    return answer;
  };
  return { ...record, parts, inject, injectUnchecked };
}

let check: AnswerCheck | undefined;

/** All servers here have the same document, so that it is read once. */
function checkAnswer(app: AppServer, answer: LightMyRequestResponse): void {
  check ??= contractChecker({ ...app.swagger() });
  const { method = '', url = '' } = answer.raw.req;
  const { statusCode: status, headers, body } = answer;
  check({ method, url, status, headers, body });
}

export interface ErrorAnswer {
  readonly error: string;
  readonly error_type: string;
  readonly request_id: string;
  readonly details?: readonly { readonly path: string; readonly message: string }[];
}

export function errorOf(response: LightMyRequestResponse): ErrorAnswer {
  return response.json<ErrorAnswer>();
}

/** `path: message` of each problem, sorted. */
export function problemsOf(response: LightMyRequestResponse): string[] {
  return (errorOf(response).details ?? []).map(({ path, message }) => `${path}: ${message}`).sort();
}

function fakeMenu(options: WorldOptions, record: Pick<World, 'menuQueries'>): Menu {
  const offers = options.page?.offers ?? [offer()];
  return {
    query(query) {
      record.menuQueries.push(query);
      return {
        listed: offers,
        positions: [...offers.keys()],
        total: 150,
        ageMs: 30_900,
        staleProviders: [],
        ...options.page,
      };
    },
    get: (id) => offers.find((one) => one.id === id),
    edition: () => ({ oldestAt: undefined }),
    health: () =>
      options.health ?? {
        status: 'ok',
        providers: [{ name: 'vastai', api: 'vastai', status: 'ok', lastSuccessAt: NOW, offers: 1 }],
      },
  };
}

function fakeSessions(
  stored: Session,
  record: Pick<World, 'created' | 'planned' | 'pageQueries'>,
): SessionService {
  const needKnown = (id: string): void => {
    if (id !== stored.id) throw new BrokerError('not_found', 'there is no such session');
  };
  return {
    async create(creation): Promise<CreatedSession> {
      record.created.push(creation);
      return creation.request.sshPublicKey === undefined
        ? { session: stored, privateKey: PRIVATE_KEY, agentToken: AGENT_TOKEN }
        : { session: stored, agentToken: AGENT_TOKEN };
    },
    async plan(wish, limit) {
      record.planned.push({ wish, limit });
      return samplePlan();
    },
    get: async (id) => (id === stored.id ? stored : undefined),
    async page(query) {
      record.pageQueries.push(query);
      return { sessions: [stored], total: 7 };
    },
    done: async (id) => needKnown(id),
    async destroy(id) {
      needKnown(id);
      return 'destroyed';
    },
    async extend(id, additionalHours) {
      needKnown(id);
      return NOW + additionalHours * HOUR_MS;
    },
    async resume(id) {
      needKnown(id);
      throw new BrokerError('conflict', 'there is nothing to resume');
    },
  };
}

/** One candidate, and an account that does not carry another. */
function samplePlan(): SessionPlan {
  const one = offer();
  return {
    request: session().request,
    candidates: [
      {
        offer: one,
        perHour: 400_000,
        cost: { total: 850_000, rent: 800_000, start: 20_000, failures: 30_000, chance: 0.9 },
        reasons: ['the least expected cost of a session that works'],
      },
    ],
    fitting: 2,
    rankedBy: 'expected_cost',
    maxAttempts: 20,
    searchMs: 2 * HOUR_MS,
    shortfalls: [{ provider: 'beta', offers: 1, shortfall: { needed: 9_000_000, balance: 1 } }],
  };
}

function fakeDiagnostics(options: WorldOptions): DiagnosticsService {
  const stored = options.stored ?? session();
  const answered = options.examination ?? {
    kind: 'examined',
    session: stored,
    instance: instance(),
    finding: { kind: 'logged_in', report: REPORT },
  };
  return { examine: async (id) => (id === stored.id ? answered : { kind: 'unknown_session' }) };
}

function fakeHeartbeats(
  { stored = session(), heartbeatOutcome }: WorldOptions,
  record: Pick<World, 'heartbeats'>,
): HeartbeatService {
  return {
    async beat(id, heartbeat) {
      record.heartbeats.push(heartbeat);
      if (id !== stored.id || heartbeat.token !== AGENT_TOKEN) return { kind: 'not_its_agent' };
      return heartbeatOutcome ?? { kind: 'taken', idleMinutes: 3, idleDeadline: undefined };
    },
  };
}

function fakeOrphans(
  stored: Orphan,
  record: Pick<World, 'orphanQueries' | 'orphanWords'>,
): OrphanService {
  const take = (word: string, id: string): void => {
    if (id !== stored.id) throw new BrokerError('not_found', 'there is no such orphan');
    record.orphanWords.push(`${word} ${id}`);
  };
  return {
    get: async (id) => (id === stored.id ? stored : undefined),
    async page(query) {
      record.orphanQueries.push(query);
      return { orphans: [stored], total: 7 };
    },
    terminate: async (id) => take('terminate', id),
    ignore: async (id) => take('ignore', id),
  };
}

function fakeCosts(
  { reconciled }: WorldOptions,
  record: Pick<World, 'summaryQueries'>,
): CostService {
  return {
    ofSession: async (id) => (id === SESSION_ID ? 1_350_000 : undefined),
    reconciledOf: async () => reconciled,
    async summary(query): Promise<CostSummary> {
      record.summaryQueries.push(query);
      const totals = {
        window: query.window,
        totalCost: 45_670_000,
        sessionCount: 12,
        hoursUsed: 98.5,
      };
      const periods = query.period ? { periods: [totals] } : {};
      return {
        ...totals,
        byProvider: { vastai: 30_000_000, tensordock: 15_670_000 },
        byGpuType: { 'RTX 4090': 25_000_000, A100: 20_670_000 },
        ...(reconciled ? { reconciled } : {}),
        ...periods,
      };
    },
    currentMonth: () => ({ from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 1, 1) }),
  };
}

function lineSink(lines: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
}
