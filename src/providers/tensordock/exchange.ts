import { ProviderFailure } from '../../domain/errors.ts';
import type { Call, HttpTransport, Reply } from '../http-transport.ts';
import { type Effect, failureOf, type Refusal } from './refusal.ts';

/** How one API's answers are read. */
export interface Reading<Value> {
  readonly effect: Effect;
  /** Undefined for an answer that complains of nothing. */
  readonly refusal: (reply: Reply, effect: Effect) => Refusal | undefined;
  /** Undefined for an answer that is not what was asked for. */
  readonly read: (reply: Reply) => Value | undefined;
}

export type CallShape = Omit<Call, 'hasEffect'>;

/** Sends one call; what comes back is what was asked for, checked, or a `ProviderFailure`. */
export function exchange<Value>(
  transport: HttpTransport,
  shape: CallShape,
  reading: Reading<Value>,
): Promise<Value> {
  return transport.exchange(callOf(shape, reading.effect), (reply) =>
    checked(transport, { shape, reply, reading }),
  );
}

/** As {@link exchange}, but the provider's word that the machine does not exist is an answer: undefined. */
export function exchangeIfKnown<Value>(
  transport: HttpTransport,
  shape: CallShape,
  reading: Reading<Value>,
): Promise<Value | undefined> {
  return transport.exchange(callOf(shape, reading.effect), (reply) =>
    reading.refusal(reply, reading.effect)?.kind === 'not_found'
      ? undefined
      : checked(transport, { shape, reply, reading }),
  );
}

function callOf(shape: CallShape, effect: Effect): Call {
  return { ...shape, hasEffect: effect !== 'none' };
}

function checked<Value>(
  transport: HttpTransport,
  { shape, reply, reading }: { shape: CallShape; reply: Reply; reading: Reading<Value> },
): Value {
  const refusal = reading.refusal(reply, reading.effect);
  if (refusal) {
    const about = { operation: shape.operation, reply };
    throw failureOf(refusal, about, (text) => transport.redact(text));
  }
  const value = reading.read(reply);
  if (value === undefined) {
    throw new ProviderFailure({
      kind: 'malformed',
      outcome: reading.effect === 'none' ? 'not_done' : 'unknown',
      detail: `${shape.operation} answered ${reply.status} with something unreadable`,
    });
  }
  return value;
}

/** A delete is accepted by an empty body or by any JSON that does not complain; a web page accepts nothing. */
export function readAcceptance(reply: Reply): true | undefined {
  return reply.text.trim() === '' || reply.json !== undefined ? true : undefined;
}

/** Something in front of the API answered: with a page, or beside a fault with anything that is not JSON. */
export function isFromGateway(reply: Reply): boolean {
  return (
    reply.json === undefined && (reply.status >= 500 || reply.text.trimStart().startsWith('<'))
  );
}

export function isSuccess(reply: Reply): boolean {
  return reply.status >= 200 && reply.status < 300;
}
