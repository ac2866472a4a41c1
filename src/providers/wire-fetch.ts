/** One HTTP exchange as the adapters see it: what is sent, what came back whole. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WireResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Sends one request and reads the whole answer. Rejects when the connection fails, the body is cut, or the signal
 * fires; a `WireError` says whether the request can have reached the other side. The simulator plays this in process.
 */
export type WireFetch = (request: WireRequest, signal: AbortSignal) => Promise<WireResponse>;

export class WireError extends Error {
  override readonly name = 'WireError';
  /** False only when no byte of the request can have left: name not resolved, connection refused. */
  readonly mayHaveArrived: boolean;

  constructor(
    message: string,
    options: { readonly mayHaveArrived: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.mayHaveArrived = options.mayHaveArrived;
  }
}

/** Larger answers are refused: the largest real one, a full page of offers, is well under 1 MB. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** A {@link WireFetch} over a `fetch` function, such as the global one with an undici `Agent` as dispatcher. */
export function wireFetchOver(fetchFunction: FetchFunction, init: RequestInit = {}): WireFetch {
  return async (request, signal) => {
    try {
      const response = await fetchFunction(request.url, {
        ...init,
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        signal,
      });
      const body = await readBounded(response);
      return { status: response.status, headers: Object.fromEntries(response.headers), body };
    } catch (error) {
      if (error instanceof WireError) throw error;
      throw connectionError(error);
    }
  };
}

async function readBounded(response: Response): Promise<string> {
  if (!response.body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new WireError('answer too large', { mayHaveArrived: true });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Names the system's error code and nothing else: messages may carry a URL with credentials. */
function connectionError(error: unknown): WireError {
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  return new WireError(code === undefined ? 'request failed' : `request failed with ${code}`, {
    mayHaveArrived: code === undefined || !NEVER_SENT.has(code),
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
