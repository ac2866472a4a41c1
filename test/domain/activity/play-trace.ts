import type { ActivityRecord } from '../../../src/domain/activity/activity.ts';
import { decide, type View } from '../../../src/domain/lifecycle/decide.ts';
import { extendTo } from '../../../src/domain/lifecycle/ending.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { BoundedMap } from '../../../src/runtime/bounded-map.ts';
import { type ActivityParts, takeInActivity } from '../../../src/sessions/activity-acts.ts';
import { ActivityMemory } from '../../../src/sessions/activity-memory.ts';
import { Heartbeats } from '../../../src/sessions/heartbeats.ts';
import type { Pace } from '../../../src/sessions/step-parts.ts';
import { instance, request, START, session as sessionOf } from '../../support/builders.ts';
import type { Phase, Trace } from './trace.ts';
import { tracedMachine } from './traced-machine.ts';

export interface Outcome {
  /** When the session was ended as idle, in minutes since it ran; undefined where it was not. */
  readonly endedAtMinute: number | undefined;
  /** How long before that there had last been work. */
  readonly quietForMinutes: number;
  /** How long before the end it was announced. */
  readonly warnedForMinutes: number | undefined;
}

const ADDRESS = { host: '203.0.113.7', port: 22, user: 'root' };
const USUAL_THRESHOLD = 30;
const { idleCheckMs } = DEFAULT_POLICY;

/** Everything that is between a look and an end in the program, over a trace's machine and with a trace's clock. */
export async function playTrace(trace: Trace): Promise<Outcome> {
  const machine = tracedMachine(trace);
  const broker = watcher(trace);
  let second = 0;
  let lastWorkAt = 0;
  for (const phase of trace.phases) {
    if (phase.begins === 'reboot') machine.reboot();
    broker.begin(phase);
    for (let left = phase.minutes * 60; left > 0; left -= 1) {
      second += 1;
      machine.step(phase, second);
      if (phase.isWork) lastWorkAt = second;
      broker.tick();
      if (phase.isBrokerAway) continue;
      if (broker.isLookDue()) await broker.look(machine.look(phase));
      if (phase.agent && second % 60 === 0) await broker.hear(phase.agent);
      if (broker.isOver()) return outcomeAt(second, lastWorkAt, broker.warnedForMs());
    }
  }
  return { endedAtMinute: undefined, quietForMinutes: 0, warnedForMinutes: undefined };
}

function outcomeAt(second: number, lastWorkAt: number, warnedForMs: number): Outcome {
  return {
    endedAtMinute: second / 60,
    quietForMinutes: (second - lastWorkAt) / 60,
    warnedForMinutes: warnedForMs / MINUTE_MS,
  };
}

type LookReport = ReturnType<ReturnType<typeof tracedMachine>['look']>;

function watcher({ thresholdMinutes = USUAL_THRESHOLD }: Trace) {
  const serving = instance({ state: 'launched', phase: 'running', runningAt: START });
  let current: Session = sessionOf({
    status: 'running',
    runningAt: START,
    expiresAt: START + 12 * HOUR_MS,
    agentTokenHash: 'of the agent',
    request: request({ idleThresholdMinutes: thresholdMinutes }),
    instances: [{ ...serving, address: ADDRESS }],
  });
  let now = START;
  let isNews = true;
  const records: ActivityRecord[] = [];
  const unheard = new Set<string>();
  const update: ActivityParts['book']['update'] = async (_id, transition) => {
    const change = transition(current);
    if (change) current = change.session;
    return change?.session;
  };
  const kept = {
    book: { load: async () => current, update },
    store: {
      saveActivity: async (record: ActivityRecord) => void records.unshift(record),
      activityOf: async (_id: string, limit: number) => records.slice(0, limit),
    },
    policy: DEFAULT_POLICY,
    unheard,
    wake: () => {},
  };
  let parts: ActivityParts = inMemory();
  function inMemory(): ActivityParts {
    const paces = new BoundedMap<string, Pace>(1);
    paces.set(current.id, { ...UNPACED, probeNotBefore: now + idleCheckMs });
    return { ...kept, paces, activity: new ActivityMemory() };
  }
  const beat = (busy: boolean | undefined) => {
    isNews = true;
    return new Heartbeats({
      ...parts,
      keys: { isTokenOf: () => true },
      clock: { now: () => now },
      phase: () => 'running',
    }).beat(current.id, {
      token: '',
      report: { isBusy: busy, gpuUtilizationPercent: undefined },
    });
  };
  return {
    tick: () => {
      now += SECOND_MS;
    },
    begin: ({ begins, clockSetByMinutes = 0 }: Phase) => {
      now += clockSetByMinutes * MINUTE_MS;
      if (begins === 'extension')
        current = extendTo(current.expiresAt, now)(current)?.session ?? current;
      if (begins !== 'restart of the broker') return;
      parts = inMemory();
      unheard.add(current.id);
    },
    isLookDue: () => {
      const { probeNotBefore = 0 } = parts.paces.get(current.id) ?? UNPACED;
      return now >= probeNotBefore || probeNotBefore - now > idleCheckMs;
    },
    look: async (report: LookReport) => {
      isNews = true;
      parts.paces.set(current.id, { ...UNPACED, probeNotBefore: now + idleCheckMs });
      const [machine] = current.instances;
      if (!machine) throw new Error('the session has a machine');
      await takeInActivity(
        parts,
        { session: current, instance: machine },
        {
          inspection: report
            ? { kind: 'logged_in', report }
            : { kind: 'timed_out', phase: 'connect' },
          startedAt: now,
          endedAt: now,
        },
      );
    },
    hear: (word: NonNullable<Phase['agent']>) =>
      beat(word === 'says nothing' ? undefined : word === 'busy'),
    isOver: () => {
      if (!isNews) return false;
      isNews = false;
      const decision = decide(current, viewAt(now, !unheard.has(current.id)));
      return decision.kind === 'begin_stop' && decision.reason === 'idle';
    },
    warnedForMs: () => now - (current.idleWarnedAt ?? now),
  };
}

const UNPACED: Pace = { locateNotBefore: 0, proveNotBefore: 0, addressAt: undefined };

function viewAt(now: number, isAgentHeard: boolean): View {
  const observation = { id: 'i-1', tag: 'unused', phase: 'running' as const };
  return {
    now,
    policy: DEFAULT_POLICY,
    sightings: [{ kind: 'seen', observation, at: now, troubledForMs: 0 }],
    pace: UNPACED,
    isInherited: false,
    isNothingForgotten: true,
    isAgentHeard,
  };
}
