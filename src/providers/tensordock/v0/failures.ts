import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Reply } from '../../http-transport.ts';
import { isFromGateway, isSuccess } from '../exchange.ts';
import { type Complaint, type Effect, judge, type Refusal } from '../refusal.ts';

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** The field that carries the reason is not documented; these have been named in one place or another. */
const Words = Type.Object({ error: Text, message: Text, reason: Text, detail: Text });
const Unsuccessful = Type.Object({ success: Type.Literal(false) });

/** Pure: what an answer complains of. `success: false` in a 200 is this API's way of saying no. */
export function v0Refusal(reply: Reply, effect: Effect): Refusal | undefined {
  const complaint = complaintIn(reply);
  return complaint && judge(complaint, effect);
}

function complaintIn(reply: Reply): Complaint | undefined {
  if (isSuccess(reply)) {
    return saysNo(reply.json)
      ? { status: 0, said: wordsIn(reply.json), speaker: 'api' }
      : undefined;
  }
  const isForeign = isFromGateway(reply);
  return {
    status: reply.status,
    said: isForeign ? 'not in the words of the API' : wordsIn(reply.json) || reply.text,
    speaker: isForeign ? 'gateway' : 'api',
  };
}

/** An `error` with no `success` beside it says no as well. */
function saysNo(json: unknown): boolean {
  if (Value.Check(Unsuccessful, json)) return true;
  return Value.Check(Words, json) && Boolean(json.error) && !('success' in json);
}

function wordsIn(json: unknown): string {
  if (!Value.Check(Words, json)) return '';
  return json.error || json.message || json.reason || json.detail || '';
}
