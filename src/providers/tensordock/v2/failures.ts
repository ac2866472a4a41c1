import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Reply } from '../../http-transport.ts';
import { isFromGateway, isSuccess } from '../exchange.ts';
import { type Complaint, type Effect, judge, type Refusal } from '../refusal.ts';

const Status = Type.Optional(Type.Union([Type.Number(), Type.String()]));
const Text = Type.Optional(Type.String());

/** `{"status":400,"error":"…"}`, seen inside a 200 too. An instance that shows an `error` field carries an id. */
const ErrorEnvelope = Type.Object({ status: Status, error: Type.String({ minLength: 1 }) });
/** The same with the error as an object, which other APIs of this kind answer. */
const NestedError = Type.Object({
  error: Type.Object({ status: Status, code: Status, message: Type.String() }),
});
/** JSON:API, as the OpenAPI document has it; bare sentences in their place are read too. */
const ErrorsEnvelope = Type.Object({
  errors: Type.Array(
    Type.Union([Type.Object({ status: Status, title: Text, detail: Text }), Type.String()]),
    { minItems: 1 },
  ),
});
/** A bare list of what is wrong with the request. */
const ValidationErrors = Type.Array(Type.Object({ message: Type.String() }), { minItems: 1 });
const FlatRefusal = Type.Object({ success: Type.Literal(false), message: Text });
const Message = Type.Object({ message: Type.String() });
const Detail = Type.Object({ detail: Type.String() });

/** Pure: what an answer complains of and what that means for the call; undefined when it complains of nothing. */
export function v2Refusal(reply: Reply, effect: Effect): Refusal | undefined {
  const complaint = complaintIn(reply);
  return complaint && judge(complaint, effect);
}

function complaintIn(reply: Reply): Complaint | undefined {
  const stated = statedIn(reply.json);
  if (isSuccess(reply)) return stated && { ...stated, speaker: speakerOf(stated.said) };
  const said = stated?.said ?? messageIn(reply);
  return { status: reply.status, said, speaker: isFromGateway(reply) ? 'gateway' : 'api' };
}

/** A page in the place of words comes from something in front of the API, whatever it is wrapped in. */
function speakerOf(said: string): Complaint['speaker'] {
  return /^\s*</.test(said) ? 'gateway' : 'api';
}

function statedIn(json: unknown): Pick<Complaint, 'status' | 'said'> | undefined {
  if (Value.Check(ErrorEnvelope, json) && !('id' in json)) {
    return { status: errorStatus(json.status), said: json.error };
  }
  if (Value.Check(NestedError, json) && !('id' in json)) {
    const { status, code, message } = json.error;
    return { status: errorStatus(status) || errorStatus(code), said: message };
  }
  if (Value.Check(ErrorsEnvelope, json)) return statedInErrors(json.errors);
  if (Value.Check(ValidationErrors, json)) {
    return { status: 400, said: json.map((problem) => problem.message).join('; ') };
  }
  if (Value.Check(FlatRefusal, json)) return { status: 0, said: json.message ?? '' };
  return undefined;
}

function statedInErrors(
  errors: Static<typeof ErrorsEnvelope>['errors'],
): Pick<Complaint, 'status' | 'said'> {
  const said = errors.map((error) =>
    typeof error === 'string' ? error : [error.title, error.detail].filter(Boolean).join(': '),
  );
  const [first] = errors;
  const status = typeof first === 'object' ? first.status : undefined;
  return { status: errorStatus(status), said: said.join('; ') };
}

function messageIn(reply: Reply): string {
  if (Value.Check(Message, reply.json)) return reply.json.message;
  if (Value.Check(Detail, reply.json)) return reply.json.detail;
  return isFromGateway(reply) ? 'not in the words of the API' : reply.text;
}

/** 0 for a status that is none of an error: then only the words tell. */
function errorStatus(status: string | number | undefined): number {
  const number = Number(status ?? 0);
  return number >= 400 && number < 600 ? number : 0;
}
