import type { Attributes } from '@opentelemetry/api';
import type { SessionId } from '../domain/ids.ts';
import type { Note } from '../ports/recorder.ts';

/** A span of something that is over. */
export interface Past {
  readonly name: string;
  readonly attributes: Attributes;
  readonly durationMs: number;
  /** Why it failed: a kind of a closed set, and what may be shown of it. */
  readonly failure?: string | undefined;
  readonly detail?: string | undefined;
}

/** Undefined for what takes no time. */
export function pastOf(note: Note): Past | undefined {
  switch (note.kind) {
    case 'provider_call': {
      const { provider, operation, durationMs, failure, detail } = note;
      const attributes = {
        ...aboutOf(note),
        'broker.api': note.api,
        'broker.operation': operation,
        'broker.attempt': note.attempt,
        'broker.waited_ms': note.waitedMs,
        'broker.outcome': failure ?? 'ok',
      };
      return { name: `${provider} ${operation}`, attributes, durationMs, failure, detail };
    }
    case 'login_tried': {
      const attributes = {
        ...aboutOf(note),
        'broker.outcome': note.outcome,
        'broker.phase': note.phase,
      };
      return { name: 'ssh login', attributes, durationMs: note.durationMs };
    }
    case 'service_tried': {
      const attributes = { ...aboutOf(note), 'broker.outcome': note.outcome };
      return { name: 'workload probe', attributes, durationMs: note.durationMs };
    }
    default:
      return undefined;
  }
}

function aboutOf(note: { readonly provider: string; readonly sessionId?: SessionId }): Attributes {
  return { 'broker.provider': note.provider, 'broker.session_id': note.sessionId };
}
