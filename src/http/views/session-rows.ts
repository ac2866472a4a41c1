import type { Static } from '@sinclair/typebox';
import type { Session } from '../../domain/session.ts';
import type { SessionAnswer, SessionsAnswer } from '../schemas/session-schemas.ts';
import { lastingSession, runsUpCosts } from './lasting-session.ts';
import { digestOf, joinRows, type ReadyAnswer, readyAnswer } from './ready-answer.ts';
import { sessionPageFrame, sessionView, type ViewTerms } from './session-view.ts';

/** Made from the answers' schemas, so that nothing which these do not list can stand in a text. */
export interface SessionSerializers {
  readonly session: (session: Static<typeof SessionAnswer>) => string;
  readonly page: (page: Static<typeof SessionsAnswer>) => string;
}

type SessionPage = Parameters<typeof sessionPageFrame>[0];

/** Sessions as text. One whose costs stand still reads the same until it is written anew, and is turned into text once. */
export class SessionRows {
  readonly #serializers: SessionSerializers;
  /** A session is another value after each write. */
  readonly #rows = new WeakMap<Session, ReadyAnswer>();

  constructor(serializers: SessionSerializers) {
    this.#serializers = serializers;
  }

  page(page: SessionPage, terms: ViewTerms): Buffer {
    const frame = this.#serializers.page(sessionPageFrame(page));
    const rows = page.sessions.map(
      (session) => this.#still(session, terms) ?? this.#running(session, terms),
    );
    // Bytes, because the server takes three times as long over a text that was joined from many.
    return Buffer.from(joinRows('sessions', frame, rows));
  }

  /** With a digest of all of it; of what lasts of it, where its costs run. */
  one(session: Session, terms: ViewTerms): ReadyAnswer & { readonly isWhole: boolean } {
    const still = this.#still(session, terms);
    if (still) return { ...still, isWhole: true };
    const view = sessionView(session, terms);
    const digest = digestOf(lastingSession(view));
    return { text: this.#serializers.session(view), digest, isWhole: false };
  }

  #running(session: Session, terms: ViewTerms): ReadyAnswer {
    return { text: this.#serializers.session(sessionView(session, terms)), digest: '' };
  }

  #still(session: Session, terms: ViewTerms): ReadyAnswer | undefined {
    const known = this.#rows.get(session);
    if (known || runsUpCosts(session)) return known;
    const row = readyAnswer(this.#serializers.session(sessionView(session, terms)));
    this.#rows.set(session, row);
    return row;
  }
}
