import type { Instance } from '../../src/domain/instance.ts';
import type { Session } from '../../src/domain/session.ts';
import { MINUTE_MS } from '../../src/domain/time.ts';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { HostNature, SimInstance } from '../../src/simulator/model.ts';

/** A machine that goes away within this time of running has died in its first minutes: it has served nobody. */
export const LASTS_MS = 20 * MINUTE_MS;

/** One launch, with what the broker thought of it and what the marketplace knows. */
export interface Launch {
  /** What was shown as the chance that it reaches `running`. */
  readonly confidence: number;
  readonly hasRun: boolean;
  readonly hasServed: boolean;
  readonly failure: string | undefined;
  readonly market: string;
  /** What is the matter with its host; undefined where the launch was refused. */
  readonly nature: HostNature | undefined;
  /** Micro-dollars that the marketplace has billed for it. */
  readonly cost: number;
  readonly intendedAt: number;
  readonly runningAt: number | undefined;
}

/** How one request fared. */
export interface Course {
  readonly launches: readonly Launch[];
  /** From the request until the machine runs that served it; undefined where none did. */
  readonly servedAfterMs: number | undefined;
  /** Launches up to that machine; all of them where none served. */
  readonly attempts: number;
  readonly error: string | undefined;
}

/** `sessions` are those of one consumer, who asked again where it was refused, oldest first. */
export function courseOf(market: SimMarket, sessions: readonly Session[], askedAt: number): Course {
  const launches = sessions
    .flatMap(({ instances }) => instances)
    .filter(({ role }) => role === 'attempt')
    .map((row) => launchOf(market, row));
  const index = launches.findIndex(({ hasServed }) => hasServed);
  const serving = launches[index];
  return {
    launches,
    servedAfterMs: serving?.runningAt === undefined ? undefined : serving.runningAt - askedAt,
    attempts: serving ? index + 1 : launches.length,
    error: sessions.at(-1)?.error?.code ?? sessions.at(-1)?.stopReason,
  };
}

function launchOf(market: SimMarket, row: Instance): Launch {
  const machine = market.instance(row.providerInstanceId ?? '');
  return {
    confidence: row.offer.availabilityConfidence,
    hasRun: row.runningAt !== undefined,
    hasServed: machine !== undefined && serves(row, machine),
    failure: row.failure?.code,
    market: row.provider,
    nature: machine?.host.nature ?? market.host(hostIdOf(row))?.nature,
    cost: machine ? billOf(market, machine.id) : 0,
    intendedAt: row.intendedAt,
    runningAt: row.runningAt,
  };
}

/** It ran as long as a machine has to, and is what was rented; that is the marketplace's word and not the broker's. */
function serves(
  { runningAt }: Instance,
  { host, goneAt, stateSince, state }: SimInstance,
): boolean {
  if (runningAt === undefined || FALSE_GOODS.includes(host.nature)) return false;
  const endedAt = goneAt ?? (state === 'stopped' ? stateSince : Number.POSITIVE_INFINITY);
  return endedAt - runningAt >= LASTS_MS;
}

const FALSE_GOODS: readonly HostNature[] = ['wrong_gpus', 'no_driver'];

function billOf(market: SimMarket, id: string): number {
  const { gpu, cpu, ram, disk } = market.bill(id);
  return gpu + cpu + ram + disk;
}

function hostIdOf({ offer }: Instance): string {
  return (offer.machineId ?? '').replace(/^.*-machine-/, '');
}
