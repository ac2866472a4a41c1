import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { BROKEN, SMUGGLING } from './hostile-streams.ts';
import { answersIn, exchange, formFault, type RawAnswer } from './raw-exchange.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

/** A server that nobody took care of. */
async function plainServer(options: ServerOptions, seen: string[]) {
  const server = createServer(options, (request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    response.end('{}');
  });
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening');
  return { host: '127.0.0.1', port: bound.port };
}

it('finds answers that are in another form than ours', async () => {
  const address = await plainServer({}, []);
  const faults: string[] = [];
  for (const [, stream] of BROKEN) {
    const answers = answersIn(await exchange(address, Buffer.from(stream, 'latin1')));
    faults.push(...answers.map(formFault).filter((fault) => fault !== undefined));
  }
  expect(faults.length).toBeGreaterThan(20);
});

it('has streams in which a lenient reader finds a hidden request', async () => {
  const seen: string[] = [];
  const address = await plainServer({ insecureHTTPParser: true }, seen);
  for (const [, stream] of SMUGGLING) await exchange(address, Buffer.from(stream, 'latin1'));
  expect(seen.filter((line) => line.includes('/terminate')).length).toBeGreaterThan(0);
});

it.each<[string, RawAnswer]>([
  ['a fault', { status: 500, headers: new Map([['x-request-id', 'a']]), body: '{}' }],
  ['no id', { status: 200, headers: new Map(), body: '{}' }],
  ['no form', { status: 400, headers: new Map([['x-request-id', 'a']]), body: '{"error":"x"}' }],
  [
    'the id of another request',
    {
      status: 400,
      headers: new Map([['x-request-id', 'a']]),
      body: '{"error":"x","error_type":"validation_error","request_id":"b"}',
    },
  ],
])('refuses %s', (_what, answer) => {
  expect(formFault(answer)).toBeDefined();
});
