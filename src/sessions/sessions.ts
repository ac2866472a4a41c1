import type { Accounts, Hold } from '../costs/accounts.ts';
import { extensionOf, type Reservation, resumptionOf } from '../domain/budget.ts';
import { BrokerError } from '../domain/errors.ts';
import type { DeploymentId, ProviderApi, SessionId } from '../domain/ids.ts';
import type { Change, Transition } from '../domain/lifecycle/change.ts';
import { hasOpenInstance } from '../domain/lifecycle/decide.ts';
import { beginDelete } from '../domain/lifecycle/deleting.ts';
import { beginStop, extendTo, latestEnd } from '../domain/lifecycle/ending.ts';
import {
  beginResume,
  isDiskKept,
  isResumable,
  runningTimeLeftMs,
} from '../domain/lifecycle/keeping.ts';
import { intendAttempt, intendedInstance } from '../domain/lifecycle/launching.ts';
import type { Offer } from '../domain/offer.ts';
import type { Policy } from '../domain/policy.ts';
import { isRefused, LAUNCH_ANSWER_MS } from '../domain/refused-launch.ts';
import {
  currentInstance,
  isTerminalStatus,
  type Session,
  type SessionRequest,
} from '../domain/session.ts';
import { DAY_MS, type EpochMs, HOUR_MS, SECOND_MS, toRfc3339 } from '../domain/time.ts';
import type { Shelf } from '../inventory/shelf.ts';
import { type Templates, templatesFor } from '../inventory/templates.ts';
import type { Clock } from '../ports/clock.ts';
import type { Keys } from '../ports/keys.ts';
import type { Origin } from '../ports/origin.ts';
import type { Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { EarlierUse, SessionPage, SessionQuery, Store } from '../ports/store.ts';
import { chooseOffer, type Placement } from './choose-offer.ts';
import { readyTimeoutMs } from './ready-timeout.ts';
import { refusalOf, startRefusalOf, unknownSession, unpayable, unreachable } from './refusals.ts';
import type { SessionBook } from './session-book.ts';
import { openedKey } from './session-login.ts';
import { planSession, type SessionPlan } from './session-plan.ts';
import type {
  CreatedSession,
  CreateSession,
  LifecyclePhase,
  SessionService,
} from './session-service.ts';
import { type SessionWish, settleRequest } from './settle-request.ts';

export interface SessionsParts {
  readonly book: SessionBook;
  readonly store: Store;
  readonly shelf: Shelf;
  readonly templates: Templates;
  readonly providers: ReadonlyMap<ProviderApi, Provider>;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly policy: Policy;
  readonly deploymentId: DeploymentId;
  readonly phase: () => LifecyclePhase;
  readonly accounts: Accounts;
  readonly wake: (id: SessionId) => void;
}

/** How long a `DELETE` waits for the provider's confirmation. */
const DESTROY_WAIT_MS = 25 * SECOND_MS;

/** What consumers ask, turned into changed rows and wake-ups. The work itself is done by the steps. */
export class Sessions implements SessionService {
  readonly #parts: SessionsParts;
  /** Sessions whose wish to run again is being written down. */
  readonly #resuming = new Set<SessionId>();

  constructor(parts: SessionsParts) {
    this.#parts = parts;
  }

  async create(creation: CreateSession): Promise<CreatedSession> {
    this.#assertReady();
    const { wake, store, clock } = this.#parts;
    // A repeated request is answered from its session, whatever the menu looks like by now.
    const earlier =
      creation.idempotency && (await store.findClaim(creation.idempotency, clock.now()));
    if (earlier) return this.#replay(earlier);
    const templates = templatesFor(this.#parts.templates, creation.origin);
    const request = await settleRequest(templates, creation.request);
    // A template may have been looked for, for seconds.
    this.#assertReady();
    const hold = await this.#place(request);
    const { id, privateKey, result } = await settled(
      hold,
      () => this.#write(creation, hold.chosen),
      ({ result }) => result.kind === 'created',
    );
    if (result.kind !== 'created') return this.#replay(result);
    wake(id);
    return this.#answer(id, privateKey);
  }

  async plan(wish: SessionWish, limit: number, origin?: Origin): Promise<SessionPlan> {
    const { shelf, clock, policy, accounts, templates } = this.#parts;
    const request = await settleRequest(templatesFor(templates, origin), wish);
    const now = clock.now();
    return accounts.choose((budget) =>
      planSession({ shelf, budget, now }, request, { limit, policy }),
    );
  }

  get(id: SessionId): Promise<Session | undefined> {
    return this.#parts.store.load(id);
  }

  page(query: SessionQuery): Promise<SessionPage> {
    return this.#parts.store.page(query);
  }

  async done(id: SessionId, origin?: Origin): Promise<void> {
    const session = await this.#existing(id);
    if (isTerminalStatus(session.status)) {
      throw new BrokerError('conflict', `session ${id} has already ended`);
    }
    this.#told(id, origin);
    await this.#end(id, (at) => beginStop('done', at));
  }

  async destroy(id: SessionId, origin?: Origin): Promise<'destroyed' | 'initiated'> {
    await this.#existing(id);
    this.#told(id, origin);
    await this.#end(id, beginDelete);
    const session = await this.#parts.book.waitFor(id, isOver, DESTROY_WAIT_MS);
    return session && isOver(session) ? 'destroyed' : 'initiated';
  }

  async extend(id: SessionId, additionalHours: number, origin?: Origin): Promise<EpochMs> {
    const existing = await this.#existing(id);
    this.#told(id, origin);
    const { book, clock, policy, wake } = this.#parts;
    assertExtendable(existing, additionalHours, policy);
    const hold = await this.#payableFor(existing, extensionOf(existing, additionalHours));
    const stored = await settled(
      hold,
      () =>
        book.update(id, (session) => {
          assertExtendable(session, additionalHours, policy);
          return extendTo(session.expiresAt + additionalHours * HOUR_MS, clock.now())(session);
        }),
      (session) => session !== undefined,
    );
    wake(id);
    if (!stored) throw unknownSession(id);
    return stored.expiresAt;
  }

  async resume(id: SessionId, origin?: Origin): Promise<Session> {
    this.#assertReady();
    const { book, wake } = this.#parts;
    await this.#beginResume(id, origin);
    wake(id);
    const session = await book.waitFor(id, isStartSettled, LAUNCH_ANSWER_MS);
    if (!session) throw unknownSession(id);
    const last = currentInstance(session);
    if (last?.failure && last.state !== 'launched') throw startRefusalOf(last, last.failure);
    if (session.stopAskedAt !== undefined) {
      throw new BrokerError('conflict', `session ${id} was asked to end while it was to run again`);
    }
    return session;
  }

  /** One at a time: the money that the first of two holds would make the second look as if there were none. */
  async #beginResume(id: SessionId, origin: Origin | undefined): Promise<void> {
    if (this.#resuming.has(id)) {
      throw new BrokerError('conflict', `session ${id} is being resumed already`);
    }
    this.#resuming.add(id);
    try {
      const existing = await this.#existing(id);
      this.#told(id, origin);
      const hold = await this.#payable(existing);
      const stored = await settled(
        hold,
        () => this.#parts.book.update(id, (session) => this.#awake(session)),
        (session) => session !== undefined,
      );
      if (!stored) throw unknownSession(id);
    } finally {
      this.#resuming.delete(id);
    }
  }

  /** Money held for the run that a resume would begin: at the machine's own price, for the hours that are left to it. */
  #payable(session: Session) {
    const instance = currentInstance(session);
    const hours = this.#awake(session)?.session.request.reservationHours;
    if (!instance || hours === undefined) throw unreachable(session);
    return this.#payableFor(session, resumptionOf(instance, hours));
  }

  /** Money held for more time of a session that has its machine, or the refusal that says what is lacking. */
  #payableFor(session: Session, reservation: Reservation | undefined) {
    const offer = currentInstance(session)?.offer;
    if (!offer || !reservation) throw unreachable(session);
    return this.#parts.accounts.rent((budget) => {
      const shortfall = budget.shortfallFor(reservation);
      if (shortfall) throw unpayable(offer, shortfall);
      return { reservation };
    });
  }

  /** The offer to rent, its money held and its machine claimed, all in one step: who asks next finds both taken. */
  async #place(request: SessionRequest): Promise<Hold<Placement>> {
    const { shelf, clock, accounts } = this.#parts;
    let claimed: Offer | undefined;
    const unclaim = (): void => {
      if (claimed) shelf.claims.release(claimed);
      claimed = undefined;
    };
    const hold = await accounts.rent((budget) => {
      // It may be chosen twice, and must not stand in its own way.
      unclaim();
      const now = clock.now();
      const placement = chooseOffer({ shelf, budget, now }, request);
      claimed = placement.offer;
      shelf.claims.claim(claimed, now);
      return placement;
    });
    const drop = (): void => {
      unclaim();
      hold.drop();
    };
    return { ...hold, drop };
  }

  /** The session with the wish to run again, or the refusal that says why it cannot. */
  #awake(session: Session): Change | undefined {
    const { clock, policy, providers } = this.#parts;
    assertResumable(session, policy);
    const api = currentInstance(session)?.api;
    const provider = api === undefined ? undefined : providers.get(api);
    if (!provider) throw unreachable(session);
    const timeoutMs = readyTimeoutMs(session.request, provider);
    return beginResume({ at: clock.now(), readyTimeoutMs: timeoutMs, policy })(session);
  }

  async #write(creation: CreateSession, { request, offer }: Placement) {
    const { change, privateKey } = this.#draft(request, offer);
    const { session } = change;
    this.#told(session.id, creation.origin);
    const result = await this.#parts.book.create({
      ...change,
      ...(creation.idempotency
        ? { idempotency: { ...creation.idempotency, expiresAt: this.#keptUntil(session) } }
        : {}),
    });
    return { id: session.id, privateKey, result };
  }

  /** The session with its first attempt intended, and the events of both. */
  #draft(
    request: SessionRequest,
    offer: Offer,
  ): { change: Change; privateKey: string | undefined } {
    const { providers, shelf, keys, clock, random, deploymentId } = this.#parts;
    const id = `sess-${random.token(16)}`;
    const now = clock.now();
    const pair = request.sshPublicKey === undefined ? keys.generate(id) : undefined;
    const timeoutMs = readyTimeoutMs(request, this.#provider(providers, offer));
    const empty: Session = {
      id,
      version: 1,
      request,
      status: 'pending',
      publicKey: request.sshPublicKey ?? pair?.publicKey ?? '',
      ...(pair ? { sealedPrivateKey: keys.seal(pair.privateKey, id) } : {}),
      agentTokenHash: keys.tokenHash(keys.tokenFor(id)),
      createdAt: now,
      expiresAt: now + timeoutMs + request.reservationHours * HOUR_MS,
      instances: [],
    };
    const instance = intendedInstance({
      sessionId: id,
      deploymentId,
      attempt: 1,
      offer: shelf.withOdds(offer),
      request,
      now,
      readyTimeoutMs: timeoutMs,
    });
    const intended = intendAttempt(instance, now)(empty);
    if (!intended) throw new Error(`session ${id} does not take its first attempt`);
    const { provider } = offer;
    const { consumerId } = request;
    const created = {
      kind: 'session_created' as const,
      at: now,
      sessionId: id,
      provider,
      consumerId,
    };
    const change = { session: intended.session, events: [created, ...intended.events] };
    return { change, privateKey: pair?.privateKey };
  }

  #provider(providers: ReadonlyMap<ProviderApi, Provider>, offer: Offer): Provider {
    const provider = providers.get(offer.api);
    if (!provider) throw new Error(`no provider is configured for ${offer.api}`);
    return provider;
  }

  async #replay(earlier: EarlierUse): Promise<CreatedSession> {
    if (earlier.kind === 'replayed') return this.#answer(earlier.sessionId, undefined);
    throw new BrokerError(
      'idempotency_conflict',
      'this Idempotency-Key was used with another request body; use a new key for a new request',
    );
  }

  /** The same answer for the first call and for every replay of it. */
  async #answer(id: SessionId, privateKey: string | undefined): Promise<CreatedSession> {
    const session = await this.#parts.book.waitFor(id, isLaunchSettled, LAUNCH_ANSWER_MS);
    if (!session) throw new Error(`session ${id} vanished`);
    const refusal = launchRefusal(session);
    if (refusal) throw refusal;
    const key = privateKey ?? openedKey(this.#parts.keys, session);
    const agentToken = this.#agentToken(session);
    return {
      session,
      ...(key === undefined ? {} : { privateKey: key }),
      ...(agentToken === undefined ? {} : { agentToken }),
    };
  }

  /** Made again and not kept. After a change of the secrets key it would be another, which the session does not take. */
  #agentToken({ id, agentTokenHash }: Session): string | undefined {
    const { keys } = this.#parts;
    const token = keys.tokenFor(id);
    return agentTokenHash !== undefined && keys.isTokenOf(agentTokenHash, token)
      ? token
      : undefined;
  }

  async #end(id: SessionId, wish: (at: EpochMs) => Transition): Promise<void> {
    this.#assertReady();
    const { book, clock, wake } = this.#parts;
    await book.update(id, wish(clock.now()));
    wake(id);
  }

  #told(sessionId: SessionId, origin: Origin | undefined): void {
    if (origin) this.#parts.recorder.note({ kind: 'session_asked', sessionId, origin });
  }

  async #existing(id: SessionId): Promise<Session> {
    const session = await this.#parts.store.load(id);
    if (!session) throw unknownSession(id);
    return session;
  }

  #keptUntil(session: Session): EpochMs {
    return Math.max(session.createdAt + DAY_MS, session.expiresAt + this.#parts.policy.hardLimitMs);
  }

  #assertReady(): void {
    if (this.#parts.phase() === 'running') return;
    throw new BrokerError(
      'not_ready',
      'the broker is not ready: it is starting or shutting down; try again in a moment',
    );
  }
}

/** However the writing ends, the hold is not left over. */
async function settled<Outcome>(
  hold: Hold<unknown>,
  write: () => Promise<Outcome>,
  isStored: (outcome: Outcome) => boolean,
): Promise<Outcome> {
  try {
    const outcome = await write();
    if (isStored(outcome)) hold.stored();
    else hold.drop();
    return outcome;
  } catch (error) {
    hold.drop();
    throw error;
  }
}

/** The first attempt is accepted, or may have been, or the session is on its way out. */
function isLaunchSettled(session: Session): boolean {
  if (session.stopAskedAt !== undefined || isTerminalStatus(session.status)) return true;
  if (session.interruptedAt !== undefined) return true;
  const instance = currentInstance(session);
  switch (instance?.state) {
    case 'launched':
      return instance.failure === undefined;
    case 'unsettled':
    case 'resuming':
      return true;
    default:
      return false;
  }
}

/** The start is accepted, or refused, or the session is on its way out again. */
function isStartSettled(session: Session): boolean {
  return session.stopAskedAt !== undefined || currentInstance(session)?.state !== 'resuming';
}

function assertResumable(session: Session, policy: Policy): void {
  if (!isResumable(session)) {
    throw new BrokerError('conflict', whyNotResumable(session));
  }
  if (runningTimeLeftMs(session, policy) >= HOUR_MS) return;
  throw new BrokerError(
    'hard_limit',
    `a session runs for at most ${policy.hardLimitMs / HOUR_MS} hours in all, and this one has less than an hour left of them; its disk is kept until it is deleted or too old`,
    { max_expires_at: toRfc3339(session.stoppedAt ?? session.expiresAt) },
  );
}

function whyNotResumable(session: Session): string {
  const { id, status } = session;
  if (isDiskKept(session)) {
    return `the machine of session ${id} was started by somebody else and is being stopped; try again in a moment`;
  }
  return isTerminalStatus(status)
    ? `session ${id} has ended and its disk is not kept: there is nothing to resume`
    : `session ${id} is ${status}; only a session that was stopped with its disk kept can be resumed`;
}

function isOver(session: Session): boolean {
  return isTerminalStatus(session.status) && !hasOpenInstance(session);
}

/**
 * Why nothing was rented, in the caller's terms. Undefined when something was, or may have been: then the session was
 * the first answer, and is the answer to each replay of the request, whatever became of it.
 */
function launchRefusal(session: Session): BrokerError | undefined {
  const last = currentInstance(session);
  return last?.failure && isRefused(session) ? refusalOf(last, last.failure) : undefined;
}

function assertExtendable(session: Session, additionalHours: number, policy: Policy): void {
  if (session.stopAskedAt !== undefined || isTerminalStatus(session.status)) {
    throw new BrokerError('conflict', `session ${session.id} has ended or is stopping`);
  }
  const latest = latestEnd(session, policy);
  if (session.expiresAt + additionalHours * HOUR_MS <= latest) return;
  throw new BrokerError(
    'hard_limit',
    `a session runs for at most ${policy.hardLimitMs / HOUR_MS} hours in all; this one can be extended to ${toRfc3339(latest)}`,
    { max_expires_at: toRfc3339(latest) },
  );
}
