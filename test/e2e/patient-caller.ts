import { setTimeout as sleep } from 'node:timers/promises';
import { checkedFetch } from './checked-fetch.ts';

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string;
  readonly idempotencyKey?: string;
}

const PAUSE_MS = 150;
/** One answer takes far less; what hangs longer is asked again. */
const ANSWER_WITHIN_MS = 10_000;
/** The longest series of short lives in which nobody gets through, and much more. */
const PATIENCE_MS = 180_000;

/**
 * Asks as a good client does: no answer, a refused connection and 503 `not_ready` say nothing about what was asked, so
 * it is asked again. Rejects when nobody answers for a long time.
 */
export async function askUntilAnswered<Body>(
  url: string,
  question: Question,
): Promise<Answer<Body>> {
  const givesUpAtMs = performance.now() + PATIENCE_MS;
  let last = '';
  while (performance.now() < givesUpAtMs) {
    try {
      const { status, text } = await ask(url, question);
      last = `${status} ${text}`;
      const body: Body = JSON.parse(text);
      if (status !== 503 || !text.includes('"not_ready"')) return { status, body };
    } catch (error) {
      last = String(error);
    }
    await sleep(PAUSE_MS);
  }
  throw new Error(`${question.method} ${question.path} got no answer: ${last}`);
}

async function ask(
  url: string,
  { method, path, body, idempotencyKey }: Question,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await checkedFetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    ...(body === undefined ? {} : { body }),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  return { status: response.status, text: await response.text() };
}
