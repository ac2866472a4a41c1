import { EVENTS, NOTES } from '../telemetry/facts.ts';

export type LogLine = Readonly<Record<string, unknown>>;

/** What of the kinds that there are is about one session, by the fields that their types ask for. */
const OF_A_SESSION = new Set(
  [...Object.values(EVENTS), ...Object.values(NOTES)]
    .filter((fact) => 'sessionId' in fact && fact.kind !== 'provider_call')
    .map(({ kind }) => String(kind)),
);
/** Calls that are about one instance, and so about one session. */
const OF_AN_INSTANCE = new Set(['launch', 'grant_access', 'get', 'terminate', 'stop', 'start']);
const WRITTEN_FOR_A_REQUEST = new Set(['request served', 'request failed']);
/** A session's id, or a tag, which has it inside. */
const SESSION_TRACE = /sess-[a-z0-9]{16}|gpub-[a-z0-9]{4,12}-[a-z0-9]{16}-\d/;

/** The lines that do not say which session, or which request, they belong to. `known` are sessions that this process was asked for. */
export function strayLines(
  lines: readonly LogLine[],
  known: ReadonlySet<string>,
): readonly LogLine[] {
  return lines.filter((line) => lacksSession(line) || lacksRequest(line, known));
}

function lacksSession(line: LogLine): boolean {
  const { event, operation } = line;
  const isOfSession =
    OF_A_SESSION.has(String(event)) ||
    (event === 'provider_call' && OF_AN_INSTANCE.has(String(operation))) ||
    SESSION_TRACE.test(JSON.stringify(line));
  return isOfSession && line['session_id'] === undefined;
}

function lacksRequest(line: LogLine, known: ReadonlySet<string>): boolean {
  const isOfRequest =
    WRITTEN_FOR_A_REQUEST.has(String(line['msg'])) || known.has(String(line['session_id']));
  return isOfRequest && line['request_id'] === undefined;
}
