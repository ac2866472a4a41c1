import type { BrokerEvent } from '../../src/domain/events.ts';
import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import type { Note } from '../../src/ports/recorder.ts';
import type { Login } from '../../src/ports/remote-shell.ts';
import { LAST_LOOK_MS } from '../../src/sessions/end-acts.ts';
import type { SimInstance } from '../../src/simulator/model.ts';
import type { Books } from './books.ts';
import type { Checker, Course, Evidence, Showing, Violation } from './checkers/violation.ts';
import { DiskFull } from './disk.ts';
import type { Visit } from './fakes.ts';
import type { Lives } from './lives.ts';
import { netsOfCommit, netsOfEvent } from './nets.ts';
import type { Stage } from './stage.ts';
import { Tally } from './tally.ts';
import type { Testimony } from './testimony.ts';

export interface WitnessParts {
  readonly stage: Stage;
  readonly deploymentId: string;
  readonly books: Books;
  readonly testimony: Testimony;
  readonly checkers: readonly Checker[];
  readonly lives: () => Lives;
  readonly course: () => Course;
  readonly trace: (line: string) => void;
}

/** A promise that is broken at each tick fills no memory. */
const MAX_VIOLATIONS = 50;

/** Sees everything that happens to one deployment, and holds each promise against it. */
export class Witness {
  readonly violations: Violation[] = [];
  /** How often each safety net acted. */
  readonly nets = new Tally();
  readonly #parts: WitnessParts;
  readonly #showings = new Map<string, Showing>();
  readonly #failedLooks: { readonly api: string; readonly at: number }[] = [];
  /** Since when rows have been to be ended without having been asked to, in marketplace time. */
  readonly #unheededSince = new Map<string, number>();
  readonly #orphanFoundAt = new Map<string, number>();
  #launches = 0;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
  }

  get launches(): number {
    return this.#launches;
  }

  get evidence(): Evidence {
    const { stage, books, testimony, deploymentId } = this.#parts;
    const { market, plan, clock, doubledTags, isHealed } = stage;
    const { broker, restoredAt, skewMs, upSince, undisturbedSince } = this.#parts.lives();
    return {
      market,
      plan,
      doubledTags,
      isHealed,
      books,
      deploymentId,
      upSince,
      undisturbedSince,
      unheededSince: (row) => this.#unheededSince.get(placeOf(row)),
      orphanFoundAt: (id) => this.#orphanFoundAt.get(id),
      restoredAt,
      broker,
      failedLooks: this.#failedLooks,
      wordsOf: (id) => testimony.wordsOf(id),
      showingOf: (id) => this.#showings.get(id),
      now: () => clock.now(),
      brokerNow: () => clock.now() + skewMs,
      course: this.#parts.course(),
      stored: [],
      spent: 0,
    };
  }

  onBirth(): void {
    this.#showings.clear();
  }

  /** The rows are those of an old copy. */
  onGoneBack(): void {
    const { books } = this.#parts;
    for (const id of this.#orphanFoundAt.keys()) {
      if (!books.orphan(id)) this.#orphanFoundAt.delete(id);
    }
    this.#unheededSince.clear();
    for (const session of books.sessions) this.#noteUnheeded(session);
  }

  onCommit(session: Session, before: Session | undefined): void {
    this.#noteUnheeded(session);
    const { upSince, skewMs } = this.#parts.lives();
    const bornAt = (upSince ?? 0) + skewMs;
    for (const net of netsOfCommit(session, before, bornAt)) this.nets.count(net);
    this.#check((checker, evidence) => checker.onCommit?.(evidence, session, before));
  }

  onRemoval(session: Session): void {
    this.#parts.trace(`removed ${session.id}`);
    this.nets.count('session removed after its time');
    this.#check((checker, evidence) => checker.onRemoval?.(evidence, session));
  }

  onEnd(instance: SimInstance): void {
    this.#check((checker, evidence) => checker.onEnd?.(evidence, instance));
    this.#parts.trace(`market end ${instance.id}`);
  }

  onRent(label: string | null, result: string, instance?: SimInstance): void {
    this.#parts.trace(`market rent ${label ?? 'without label'} ${result}`);
    if (!instance) return;
    this.#launches += 1;
    this.#parts.stage.noteRental();
    this.#check((checker, evidence) => checker.onRent?.(evidence, instance));
  }

  onListed(instances: readonly SimInstance[]): void {
    const at = this.#parts.stage.clock.now();
    for (const { id } of instances) {
      this.#showings.set(id, { firstAt: this.#showings.get(id)?.firstAt ?? at, lastAt: at });
    }
  }

  onEvent(event: BrokerEvent): void {
    if (event.kind === 'orphan_detected') {
      this.#orphanFoundAt.set(event.providerInstanceId, this.#parts.stage.clock.now());
    }
    const isStarting = this.#parts.lives().broker?.phase() !== 'running';
    for (const net of netsOfEvent(event, isStarting)) this.nets.count(net);
    this.#parts.stage.tally.count(`event ${event.kind}`);
    const text = JSON.stringify(event);
    this.#parts.trace(text);
    this.#check((checker, evidence) => checker.onSaid?.(evidence, text));
    this.#check((checker, evidence) => checker.onEvent?.(evidence, event));
  }

  onNote(note: Note): void {
    if (note.kind === 'step_failed' || note.kind === 'loop_failed') {
      const { error } = note;
      if (error instanceof DiskFull) {
        this.#parts.stage.tally.count('broker disk full');
        return;
      }
      const text = error instanceof Error ? (error.stack ?? error.message) : 'unknown';
      this.report('no surprises', `${note.kind}: ${text}`);
    }
    if (note.kind === 'provider_call') this.#noteLateLook(note);
    if (note.kind === 'provider_call' && note.failure !== undefined) {
      const at = this.#parts.stage.clock.now() + this.#parts.lives().skewMs;
      if (note.operation === 'get') this.#failedLooks.push({ api: note.api, at });
      if (note.operation === 'list') this.nets.count('failed list said nothing');
      this.#parts.trace(`${note.api} ${note.operation} ${note.failure} ${note.detail ?? ''}`);
    }
    this.#check((checker, evidence) => checker.onSaid?.(evidence, JSON.stringify(note)));
  }

  onLogin(login: Login, met: Visit): void {
    this.#parts.trace(`login ${login.host}:${login.port} ${met.kind}`);
    this.#check((checker, evidence) => checker.onLogin?.(evidence, login, met));
  }

  /** The end of a machine waits for its last look only for so long; then it is as good as failed. */
  #noteLateLook(note: Extract<Note, { readonly kind: 'provider_call' }>): void {
    const lateMs = note.waitedMs + note.durationMs - LAST_LOOK_MS;
    if (note.operation !== 'get' || lateMs < 0) return;
    const { clock } = this.#parts.stage;
    const at = clock.now() + this.#parts.lives().skewMs - lateMs;
    this.#failedLooks.push({ api: note.api, at });
  }

  /** A look at what changes with time alone. */
  onTick(): void {
    this.#check((checker, evidence) => checker.onTick?.(evidence));
  }

  /** What the checkers of the end say. */
  conclude(read: Pick<Evidence, 'stored' | 'spent'>): void {
    const evidence = { ...this.evidence, ...read };
    for (const checker of this.#parts.checkers) {
      for (const message of checker.onConverged?.(evidence) ?? []) {
        this.report(checker.name, message);
      }
    }
  }

  report(checker: string, message: string): void {
    this.#parts.trace(`VIOLATION ${checker}: ${message}`);
    if (this.violations.length < MAX_VIOLATIONS) this.violations.push({ checker, message });
  }

  #noteUnheeded(session: Session): void {
    for (const row of session.instances) {
      const place = placeOf(row);
      const isOpen = ['launched', 'intended', 'resuming'].includes(row.state);
      if (session.stopAskedAt === undefined || !isOpen) this.#unheededSince.delete(place);
      else if (!this.#unheededSince.has(place)) {
        this.#unheededSince.set(place, this.#parts.stage.clock.now());
      }
    }
  }

  #check(ask: (checker: Checker, evidence: Evidence) => string | undefined): void {
    const { evidence } = this;
    for (const checker of this.#parts.checkers) {
      const message = ask(checker, evidence);
      if (message !== undefined) this.report(checker.name, message);
    }
  }
}

/** A stray shares its attempt's tag, and has an id of its own. */
function placeOf({ tag, role, providerInstanceId }: Instance): string {
  return role === 'stray' ? `${tag} ${providerInstanceId ?? ''}` : tag;
}
