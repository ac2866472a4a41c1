import type { Server } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Listens on a port that the system picks, for this machine alone. */
export function bindLoopback(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the listener has no port'));
    });
  });
}
