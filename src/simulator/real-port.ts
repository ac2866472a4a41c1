import { createServer, type ServerResponse } from 'node:http';
import { bindLoopback, LOOPBACK } from './loopback.ts';
import type { SimOpenPort, WorkloadReply } from './model.ts';
import type { SshGate } from './ssh-plane.ts';

export interface RealPort {
  readonly openPort: SimOpenPort;
  /** Ends what is open; the address stays. */
  hangUp(): void;
  close(): void;
}

/**
 * A real HTTP server on loopback for one port of a machine: a container's program as far as a client can tell. Each
 * request is answered as the market says at that moment; where nothing would listen, the connection breaks.
 */
export async function openRealPort(gate: SshGate, internalPort: number): Promise<RealPort> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://container.invalid');
    request.resume();
    send(response, gate.visit(internalPort, pathname));
  });
  const port = await bindLoopback(server);
  return {
    openPort: { internalPort, host: LOOPBACK, externalPort: port },
    hangUp: () => server.closeAllConnections(),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A program that hangs keeps the connection open until the client has had enough. */
function send(response: ServerResponse, reply: WorkloadReply): void {
  switch (reply.kind) {
    case 'refused':
      response.destroy();
      return;
    case 'hangs':
      return;
    case 'answers':
      response.writeHead(reply.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(reply.body));
  }
}
