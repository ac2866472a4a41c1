import type { MessagePort } from 'node:worker_threads';
import type { RemoteShell } from '../ports/remote-shell.ts';
import type { ShellOrder, ShellReply } from './shell-messages.ts';

/** The thread's side: carries out what it is told, many orders at once. */
export function serveShell(port: MessagePort, shell: RemoteShell): void {
  port.on('message', async (order: ShellOrder) => {
    port.postMessage(await replyTo(order, shell));
  });
}

async function replyTo(order: ShellOrder, shell: RemoteShell): Promise<ShellReply> {
  const { id } = order;
  try {
    switch (order.kind) {
      case 'be_ready':
        return { id, kind: 'be_ready' };
      case 'prove':
        return { id, kind: 'prove', outcome: await shell.prove(order.login) };
      case 'inspect': {
        const { login, deadlineMs } = order;
        return { id, kind: 'inspect', outcome: await shell.inspect(login, deadlineMs) };
      }
    }
  } catch {
    // Unheard, it would end the thread, and with it everybody's logins. Its words may hold a host's, and stay here.
    return { id, kind: 'fault' };
  }
}
