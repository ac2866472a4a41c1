import type { Broker } from '../../src/broker.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { DiskFull } from './disk.ts';
import type { Plan } from './plan.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What the agent on a machine makes of its time. */
export const AGENT_NATURES = [
  'rests',
  'works on',
  'works now and then',
  'falls silent',
  'as it comes',
] as const;
export type AgentNature = (typeof AGENT_NATURES)[number];

/** Which of the clients have agents on their machines, and how long those may be idle. */
export interface Agents {
  readonly share: number;
  /** One as likely as the other. */
  readonly natures: readonly AgentNature[];
  readonly thresholdMinutes: readonly number[];
}

export interface DrawnAgent {
  readonly nature: AgentNature;
  readonly thresholdMinutes: number;
  readonly chance: Chance;
}

/** Undefined where the client has none. The same at each call. */
export function drawAgent({ agents }: Plan, client: Chance): DrawnAgent | undefined {
  const chance = client.fork('agent');
  if (!chance.hit(agents.share)) return undefined;
  const nature = chance.pick(agents.natures);
  return { nature, thresholdMinutes: chance.pick(agents.thresholdMinutes), chance };
}

export interface AgentParts {
  readonly agent: DrawnAgent;
  readonly clock: VirtualClock;
  readonly id: string;
  readonly token: string;
  /** Undefined while nobody listens. */
  readonly broker: () => Broker | undefined;
  /** A word is on its way into a broker that lives. */
  readonly onWord: (isWork: boolean) => void;
  readonly onUnexpected: (message: string) => void;
}

/** More than fit into any world. */
const MAX_WORDS = 2_000;
const PATIENCE_MS = 20 * SECOND_MS;

/** Tells again and again whether there is work, until nobody wants to know. */
export async function runAgent(parts: AgentParts): Promise<void> {
  const { agent, clock } = parts;
  const bornAt = clock.now();
  for (let words = 0; words < MAX_WORDS; words += 1) {
    await sleep(clock, agent.chance.int(15_000, 60_000));
    const mood = moodOf(agent, clock.now() - bornAt);
    if (mood === 'silent') continue;
    if ((await say(parts, mood === 'busy')) === 'over') return;
  }
}

type Mood = 'idle' | 'busy' | 'silent';

function moodOf({ nature, chance }: DrawnAgent, ageMs: number): Mood {
  const minute = Math.floor(ageMs / MINUTE_MS);
  switch (nature) {
    case 'rests':
      return 'idle';
    case 'works on':
      return 'busy';
    case 'works now and then':
      return minute % 5 === 4 ? 'busy' : 'idle';
    case 'falls silent':
      return minute % 10 < 3 ? 'idle' : 'silent';
    case 'as it comes':
      return chance.pick(['idle', 'idle', 'idle', 'idle', 'idle', 'silent', 'busy']);
  }
}

async function say(parts: AgentParts, isWork: boolean): Promise<'said' | 'over'> {
  const { clock, id, token, onWord, onUnexpected } = parts;
  const broker = parts.broker();
  if (!broker) return 'said';
  onWord(isWork);
  const report = { isBusy: isWork, gpuUtilizationPercent: undefined };
  return Promise.race([
    broker.heartbeats.beat(id, { token, report }).then(
      ({ kind }) => (kind === 'taken' ? ('said' as const) : ('over' as const)),
      (error: unknown) => {
        if (!(error instanceof DiskFull)) onUnexpected(`a heartbeat failed with ${String(error)}`);
        return 'said' as const;
      },
    ),
    sleep(clock, PATIENCE_MS).then(() => 'said' as const),
  ]);
}

function sleep(clock: VirtualClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
