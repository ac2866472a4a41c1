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
  const { id, kind, login } = order;
  switch (kind) {
    case 'prove':
      return { id, kind, outcome: await shell.prove(login) };
    case 'inspect':
      return { id, kind, outcome: await shell.inspect(login, order.deadlineMs) };
  }
}
