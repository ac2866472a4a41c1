import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { microUsd } from '../../../domain/money.ts';
import type { Reply } from '../../http-transport.ts';
import { isSuccess } from '../exchange.ts';
import type { Effect, Refusal } from '../refusal.ts';
import { hourlyRate, OptionalAmount } from '../wire-values.ts';
import { v0Refusal } from './failures.ts';

/** What the market says of a bid. */
export interface BidVerdict {
  readonly isTaken: boolean;
  /** What would be taken, where that is told; micro-dollars an hour. */
  readonly suggested?: number;
}

/** One document knows `success` alone; in the other's it says that the question was answered. */
const VerdictAnswer = Type.Object({
  success: Type.Boolean(),
  will_succeed: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
  suggested_price: OptionalAmount,
});

/** The deploy's own word on what it costs, the disk aside. */
const CostAnswer = Type.Object({ cost: Type.Object({ compute_price: OptionalAmount }) });

/** A bare no is an answer to this question; a no for another reason than the price is none. */
export function verdictRefusal(reply: Reply, effect: Effect): Refusal | undefined {
  const refusal = v0Refusal(reply, effect);
  const isVerdict = isSuccess(reply) && Value.Check(VerdictAnswer, reply.json);
  return isVerdict && refusal?.kind === 'unavailable' ? undefined : refusal;
}

export function readVerdict(json: unknown): BidVerdict | undefined {
  if (!Value.Check(VerdictAnswer, json)) return undefined;
  const suggested = suggestedIn(json);
  return {
    isTaken: json.success && json.will_succeed !== false,
    ...(suggested === undefined ? {} : { suggested }),
  };
}

/** Micro-dollars an hour; undefined where the answer does not tell. */
export function readComputePrice(json: unknown): number | undefined {
  return Value.Check(CostAnswer, json) && json.cost.compute_price != null
    ? microUsd(Number(json.cost.compute_price))
    : undefined;
}

function suggestedIn(answer: Static<typeof VerdictAnswer>): number | undefined {
  return hourlyRate(answer.suggested_price);
}
