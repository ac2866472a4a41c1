import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { listenSsh } from '../ssh/ssh-host.ts';
import { serveChannel } from './process-channel.ts';

/** Real SSH servers' work, away from the broker: takes every key and does every command. */
const Message = Type.Object({ kind: Type.Literal('listen') });

serveChannel(async (message) => {
  Value.Assert(Message, message);
  const { port } = await listenSsh({
    acceptsKey: () => true,
    onExec: (channel) => {
      channel.exit(0);
      channel.end();
    },
  });
  return { port };
});
