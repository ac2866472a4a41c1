import type { ActivityRecord } from '../../../src/domain/activity/activity.ts';
import type { Transition } from '../../../src/domain/lifecycle/change.ts';
import { decide, type View } from '../../../src/domain/lifecycle/decide.ts';
import { extendTo } from '../../../src/domain/lifecycle/ending.ts';
import type { MachineReport } from '../../../src/domain/machine-report.ts';
import { DEFAULT_POLICY } from '../../../src/domain/policy.ts';
import type { Session } from '../../../src/domain/session.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/domain/time.ts';
import { BoundedMap } from '../../../src/runtime/bounded-map.ts';
import { type ActivityParts, takeInActivity } from '../../../src/sessions/activity-acts.ts';
import { ActivityMemory } from '../../../src/sessions/activity-memory.ts';
import { Heartbeats } from '../../../src/sessions/heartbeats.ts';
import type { Pace } from '../../../src/sessions/step-parts.ts';
import { instance, request, START, session } from '../../support/builders.ts';
import type { Phase } from './trace.ts';

const ADDRESS = { host: '203.0.113.7', port: 22, user: 'root' };
const UNPACED: Pace = { locateNotBefore: 0, proveNotBefore: 0, addressAt: undefined };
const { idleCheckMs } = DEFAULT_POLICY;

/** A session that runs, as the program keeps it: in its rows, in its stored activity, and in what it remembers. */
export class TracedSession {
  #now = START;
  #session: Session;
  #records: readonly ActivityRecord[] = [];
  readonly #unheard = new Set<string>();
  #parts: ActivityParts;

  constructor(idleThresholdMinutes = 30) {
    const machine = instance({ state: 'launched', phase: 'running', runningAt: START });
    this.#session = session({
      status: 'running',
      runningAt: START,
      expiresAt: START + 12 * HOUR_MS,
      request: request({ idleThresholdMinutes }),
      instances: [{ ...machine, address: ADDRESS }],
    });
    this.#parts = this.#begun();
  }

  tick(): void {
    this.#now += SECOND_MS;
  }

  begin({ begins, clockSetByMinutes = 0 }: Phase): void {
    this.#now += clockSetByMinutes * MINUTE_MS;
    if (begins === 'extension') this.#change(extendTo(this.#session.expiresAt, this.#now));
    if (begins !== 'restart of the broker') return;
    this.#parts = this.#begun();
    this.#unheard.add(this.#session.id);
  }

  isLookDue(): boolean {
    const { probeNotBefore = 0 } = this.#parts.paces.get(this.#session.id) ?? UNPACED;
    return this.#now >= probeNotBefore || probeNotBefore - this.#now > idleCheckMs;
  }

  async look(report: MachineReport | undefined): Promise<void> {
    const [machine] = this.#session.instances;
    if (!machine) throw new Error('the session has a machine');
    this.#parts.paces.set(this.#session.id, this.#paced());
    const target = { session: this.#session, instance: machine };
    await takeInActivity(this.#parts, target, {
      inspection: report ? { kind: 'logged_in', report } : { kind: 'timed_out', phase: 'connect' },
      startedAt: this.#now,
      endedAt: this.#now,
    });
  }

  async hear(word: NonNullable<Phase['agent']>): Promise<void> {
    const heartbeats = new Heartbeats({
      ...this.#parts,
      keys: { isTokenOf: () => true },
      clock: { now: () => this.#now },
      phase: () => 'running',
    });
    const isBusy = word === 'says nothing' ? undefined : word === 'busy';
    const report = { isBusy, gpuUtilizationPercent: undefined };
    await heartbeats.beat(this.#session.id, { token: 'any', report });
  }

  isOver(): boolean {
    const decision = decide(this.#session, this.#view());
    return decision.kind === 'begin_stop' && decision.reason === 'idle';
  }

  warnedForMs(): number {
    return this.#now - (this.#session.idleWarnedAt ?? this.#now);
  }

  /** What a process knows that has just begun. */
  #begun(): ActivityParts {
    const paces = new BoundedMap<string, Pace>(1);
    paces.set(this.#session.id, this.#paced());
    return {
      book: {
        load: async () => this.#session,
        update: async (_id, transition) => this.#change(transition),
      },
      store: {
        saveActivity: async (record) => {
          this.#records = [record, ...this.#records];
        },
        activityOf: async (_id, limit) => this.#records.slice(0, limit),
      },
      policy: DEFAULT_POLICY,
      unheard: this.#unheard,
      wake: () => {},
      paces,
      activity: new ActivityMemory(),
    };
  }

  #paced(): Pace {
    return { ...UNPACED, probeNotBefore: this.#now + idleCheckMs };
  }

  #change(transition: Transition): Session | undefined {
    const change = transition(this.#session);
    if (change) this.#session = change.session;
    return change?.session;
  }

  #view(): View {
    const observation = { id: 'i-1', tag: 'unused', phase: 'running' as const };
    return {
      now: this.#now,
      policy: DEFAULT_POLICY,
      sightings: [{ kind: 'seen', observation, at: this.#now, troubledForMs: 0 }],
      pace: UNPACED,
      isInherited: false,
      isNothingForgotten: true,
      isAgentHeard: !this.#unheard.has(this.#session.id),
    };
  }
}
