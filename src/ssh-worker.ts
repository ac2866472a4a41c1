import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { createRemoteShell } from './ssh/remote-shell.ts';
import { serveShell } from './ssh/serve-shell.ts';
import { systemClock } from './system/clock.ts';

/** Enough that whoever asks the broker for something goes first, and that logins get on beside a busy one. */
const NICENESS = 10;

if (parentPort === null)
  throw new Error('this is a part of the broker and is not started by itself');
standBack();
serveShell(parentPort, createRemoteShell({ clock: systemClock }));

/** On Linux alone a priority is one thread's; elsewhere it would be the whole program's. */
function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // A service may be forbidden to (systemd's @resources), or stand behind others by more than this already: logins matter more.
  }
}
