import { MINUTE_MS } from '../../../src/domain/time.ts';
import type { Phase, Trace } from './trace.ts';
import { tracedMachine } from './traced-machine.ts';
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
    if (session.isLookDue()) await session.look(machine.look(phase));
    if (phase.agent && second % 60 === 0) await session.hear(phase.agent);
    if (session.isOver()) return outcomeAt(second, lastWorkAt, session.warnedForMs());
  }
  return { endedAtMinute: undefined, quietForMinutes: 0, warnedForMinutes: undefined };
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
