/** One span as W3C trace context names it (https://www.w3.org/TR/trace-context/, level 1). */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all of them zero. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  readonly isSampled: boolean;
  /** `tracestate` as it was sent, for whoever collects spans; absent where none was. */
  readonly state?: string;
}

/** Version, trace id, parent id, flags, and what later versions may add. */
const PARTS = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 0x01;
/** More than vendors have to keep (section 3.3.1.1). */
const MAX_STATE_LENGTH = 512;

/** Undefined for whatever is not to the letter: a broken header is as good as none (section 3.2.2.3). */
export function parseTraceparent(
  traceparent: string | undefined,
  tracestate?: string,
): TraceContext | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    PARTS.exec(traceparent ?? '') ?? [];
  if (version === undefined || version === 'ff') return undefined;
  if (version === '00' && more !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  const isSampled = (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED;
  const isKept = tracestate !== undefined && tracestate.length <= MAX_STATE_LENGTH;
  return { traceId, spanId, isSampled, ...(isKept ? { state: tracestate } : {}) };
}
