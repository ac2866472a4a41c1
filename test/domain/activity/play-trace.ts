import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Phase, Trace } from './trace.ts';
import { type TracedMachine, tracedMachine } from './traced-machine.ts';
import { TracedSession } from './traced-session.ts';

export interface Outcome {
  /** When the session was ended as idle, in minutes since it ran; undefined where it was not. */
  readonly endedAtMinute: number | undefined;
  /** How long before that there had last been work. */
  readonly quietForMinutes: number;
  /** How long before the end it was announced. */
  readonly warnedForMinutes: number | undefined;
}

/** Everything that is between a look and an end in the program, over a trace's machine and with a trace's clock. */
export async function playTrace(trace: Trace): Promise<Outcome> {
  const machine = tracedMachine(trace);
  const session = new TracedSession(trace.thresholdMinutes);
  let lastWorkAt = 0;
  for (const [index, phase] of secondsOf(trace).entries()) {
    const second = index + 1;
    if (phase.isFirst && phase.begins === 'reboot') machine.reboot();
    if (phase.isFirst) session.begin(phase);
    machine.step(phase, second);
    if (phase.isWork) lastWorkAt = second;
    session.tick();
    if (phase.isBrokerAway) continue;
    await findOut(session, { machine, phase, second });
    if (session.isOver()) return outcomeAt(second, lastWorkAt, session.warnedForMs());
  }
  return { endedAtMinute: undefined, quietForMinutes: 0, warnedForMinutes: undefined };
}

interface Moment {
  readonly machine: TracedMachine;
  readonly phase: Phase;
  readonly second: number;
}

/** The broker looks when it is due; the agent speaks once a minute. */
async function findOut(session: TracedSession, { machine, phase, second }: Moment): Promise<void> {
  if (session.isLookDue()) await session.look(machine.look(phase));
  if (phase.agent && second % 60 === 0) await session.hear(phase.agent);
}

/** The phase of each second. */
function secondsOf({ phases }: Trace): readonly (Phase & { readonly isFirst: boolean })[] {
  return phases.flatMap((phase) => {
    const rest = { ...phase, isFirst: false };
    return Array.from({ length: phase.minutes * 60 }, (_, second) =>
      second === 0 ? { ...phase, isFirst: true } : rest,
    );
  });
}

function outcomeAt(second: number, lastWorkAt: number, warnedForMs: number): Outcome {
  return {
    endedAtMinute: second / 60,
    quietForMinutes: (second - lastWorkAt) / 60,
    warnedForMinutes: warnedForMs / MINUTE_MS,
  };
}
