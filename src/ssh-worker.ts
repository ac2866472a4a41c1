import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { createRemoteShell } from './ssh/remote-shell.ts';
import { serveShell } from './ssh/serve-shell.ts';
import { systemClock } from './system/clock.ts';

/** Enough that whoever asks the broker for something goes first, and that logins get on beside a busy one. */
const NICENESS = 10;

if (parentPort === null)
  throw new Error('this is a part of the broker and is not started by itself');
// On Linux alone a priority is one thread's; elsewhere it would be the whole program's.
if (process.platform === 'linux') setPriority(0, NICENESS);
serveShell(parentPort, createRemoteShell({ clock: systemClock }));
