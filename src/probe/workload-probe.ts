import { type ClientRequest, request } from 'node:http';
import type { Clock } from '../ports/clock.ts';
import type { ProbeTarget, WorkloadAnswer, WorkloadProbe } from '../ports/workload-probe.ts';

/** A server that serves says so within a second; a page that a program makes first may take some. */
const DEADLINE_MS = 5_000;

/**
 * Asks over plain HTTP, on a connection of its own each time. Only the status of the answer counts: no redirect is
 * followed, no byte of a body is read, and what is not answered by the deadline is silence.
 */
export function createWorkloadProbe({ clock }: { readonly clock: Clock }): WorkloadProbe {
  return {
    probe: (target) => new Promise((resolve) => ask(clock, target, resolve)),
  };
}

function ask(clock: Clock, target: ProbeTarget, resolve: (answer: WorkloadAnswer) => void): void {
  let outgoing: ClientRequest | undefined;
  let isSettled = false;
  const settle = (answer: WorkloadAnswer): void => {
    if (isSettled) return;
    isSettled = true;
    cancel();
    // What comes late must not be an error that nobody hears, so the listeners stay.
    outgoing?.destroy();
    resolve(answer);
  };
  const cancel = clock.after(DEADLINE_MS, () => settle({ kind: 'silent', reason: 'timed_out' }));
  try {
    outgoing = request({
      host: target.host,
      port: target.port,
      path: target.path,
      method: 'GET',
      agent: false,
      headers: { accept: '*/*', connection: 'close' },
    });
    outgoing.on('response', ({ statusCode = 0 }) => settle(verdict(target, statusCode)));
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      settle({ kind: 'silent', reason: 'not_http' });
    });
    outgoing.on('error', (error) => settle({ kind: 'silent', reason: reasonOf(error) }));
    outgoing.end();
  } catch {
    // A port or a host that no request can be made to.
    settle({ kind: 'silent', reason: 'unreachable' });
  }
}

function verdict({ accepts }: ProbeTarget, status: number): WorkloadAnswer {
  const isServing = accepts === 'ok' ? status >= 200 && status < 300 : status < 500;
  return { kind: isServing ? 'serving' : 'not_yet', status };
}

/** The parser's errors begin with `HPE_`: somebody is there, who speaks something else. */
function reasonOf(error: Error): 'unreachable' | 'not_http' {
  return 'code' in error && String(error.code).startsWith('HPE_') ? 'not_http' : 'unreachable';
}
