import { connect, type Socket } from 'node:net';
import { listen, type TestHost } from './ssh-host.ts';

/** A network between two programs that stops carrying, or breaks, when a test says so. */
export interface StallingProxy extends TestHost {
  /** From now on nothing arrives any more, and nothing tells either side. */
  stall(): void;
  /** What was held back arrives after all. */
  release(): void;
  /** Every connection is reset, also one that the other side takes for made and this one has still to hear of. */
  cut(): void;
}

/** In front of a port on loopback. */
export async function stallingProxy(target: number): Promise<StallingProxy> {
  let isStalled = false;
  let isCut = false;
  const held: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const carry = (from: Socket, to: Socket): void => {
    from.on('data', (chunk: Buffer) => {
      const send = (): void => void to.write(chunk);
      if (isStalled) held.push(send);
      else send();
    });
    from.on('close', () => to.destroy());
    from.on('error', () => undefined);
    sockets.add(from);
  };
  const host = await listen((near) => {
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    carry(near, far);
    carry(far, near);
  });
  return {
    ...host,
    stall: () => {
      isStalled = true;
    },
    release: () => {
      isStalled = false;
      for (const send of held.splice(0)) send();
    },
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.resetAndDestroy();
      sockets.clear();
    },
  };
}
