import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, WireError, wireFetchOver } from '../../src/providers/wire-fetch.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(addressOf(server)));
  });
}

function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

const wire = wireFetchOver(fetch);
const untimed = () => new AbortController().signal;

async function wireErrorOf(promise: Promise<unknown>): Promise<WireError> {
  const error = await promise.catch((reason: unknown) => reason);
  if (error instanceof WireError) return error;
  throw new Error('expected a WireError', { cause: error });
}

describe('wire fetch', () => {
  it('sends method, headers and body and returns status, headers and body', async () => {
    const url = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (body) => {
        response.writeHead(418, { 'X-Seen': `${request.method} ${request.headers['x-a']}` });
        response.end(`got ${body}`);
      });
    });
    const reply = await wire({ method: 'PUT', url, headers: { 'x-a': '1' }, body: 'ä' }, untimed());
    expect(reply).toMatchObject({ status: 418, body: 'got ä', headers: { 'x-seen': 'PUT 1' } });
  });

  it('does not follow a redirect: credentials go nowhere else', async () => {
    const url = await serve((_, response) => {
      response.writeHead(308, { location: 'http://127.0.0.1:1/' }).end();
    });
    expect(await wire({ method: 'GET', url, headers: {} }, untimed())).toMatchObject({
      status: 308,
    });
  });

  it('knows that nothing arrived when the connection is refused', async () => {
    const url = await serve(() => {});
    const [server] = open.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    const error = await wireErrorOf(wire({ method: 'GET', url, headers: {} }, untimed()));
    expect(error).toMatchObject({
      mayHaveArrived: false,
      message: 'request failed with ECONNREFUSED',
    });
  });

  it('does not know what became of a request whose connection was reset', async () => {
    const url = await serve((request) => request.socket.destroy());
    const error = await wireErrorOf(
      wire({ method: 'PUT', url, headers: {}, body: '{}' }, untimed()),
    );
    expect(error.mayHaveArrived).toBe(true);
  });

  it('reads a body that is cut as a broken connection, not as a short answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"success":', () => response.destroy());
    });
    const error = await wireErrorOf(wire({ method: 'PUT', url, headers: {} }, untimed()));
    expect(error.mayHaveArrived).toBe(true);
  });

  it('refuses an answer that is larger than any real one', async () => {
    const url = await serve((_, response) => {
      response.end(Buffer.alloc(MAX_BODY_BYTES + 1, 0x20));
    });
    const error = await wireErrorOf(wire({ method: 'GET', url, headers: {} }, untimed()));
    expect(error.message).toBe('answer too large');
  });

  it('gives up when the signal fires', async () => {
    const abort = new AbortController();
    const url = await serve(() => abort.abort());
    const error = await wireErrorOf(wire({ method: 'GET', url, headers: {} }, abort.signal));
    expect(error.mayHaveArrived).toBe(true);
  });
});
