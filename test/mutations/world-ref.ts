import { type CrashPoint, crashWorld, DIRECTED_WORLDS } from '../simulation/directed.ts';
import type { WorldOptions } from '../simulation/world.ts';

/** One world of the simulation, as it can be written down. */
export type WorldRef =
  | { readonly seed: number }
  /** By its name. */
  | { readonly directed: string }
  | { readonly crash: CrashPoint };

/** The traces of machines, in place of a world: what they show is no matter of chance. */
export interface TraceRef {
  readonly traces: 'activity';
}

export function optionsOf(ref: WorldRef): WorldOptions {
  if ('seed' in ref) return { seed: ref.seed };
  if ('crash' in ref) return crashWorld(ref.crash);
  const make = DIRECTED_WORLDS[ref.directed];
  if (!make) throw new Error(`no directed world is named ${ref.directed}`);
  return make();
}
