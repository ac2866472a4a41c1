import { BrokerError, type ErrorCode } from '../../domain/errors.ts';
import type { AppServer } from '../app-server.ts';
import { errorBody } from './errors.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

interface ClientSocket {
  readonly writable: boolean;
  write(text: string): unknown;
  destroy(error?: Error): unknown;
}

/** Errors of the HTTP parser itself, by Node's code; there is no request yet, and no framework to answer it. */
const PARSER_REFUSALS: Readonly<Record<string, readonly [string, ErrorCode, string]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'validation_error',
    'the headers are too large',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    'validation_error',
    'the request took too long to arrive',
  ],
};

/** Answers what is not HTTP in the form of every other error, and closes the connection. */
export function answerClientErrors(makeRequestId: () => string) {
  return (error: Error & { readonly code: string }, socket: ClientSocket): void => {
    if (error.code !== 'ECONNRESET' && socket.writable)
      socket.write(rawAnswer(error.code, makeRequestId()));
    socket.destroy(error);
  };
}

/** An `Expect` that means nothing to us is passed over (RFC 9110, section 10.1.1), where Node would answer 417 without a body. */
export function passOverExpectations(app: AppServer): void {
  app.server.on('checkExpectation', (request, response) => app.routing(request, response));
}

function rawAnswer(code: string, requestId: string): string {
  const [status, errorType, sentence] = PARSER_REFUSALS[code] ?? [
    '400 Bad Request',
    'validation_error',
    'this is not a valid HTTP request',
  ];
  const body = JSON.stringify(errorBody(new BrokerError(errorType, sentence), requestId));
  const headers = {
    ...SECURITY_HEADERS,
    'x-request-id': requestId,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${status}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
