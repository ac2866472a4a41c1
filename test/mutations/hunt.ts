import process from 'node:process';
import { firstMistake, playAll } from '../domain/activity/verdicts.ts';
import { runWorld } from '../simulation/world.ts';
import { MUTANTS } from './mutants.ts';
import { optionsOf, type TraceRef, type WorldRef } from './world-ref.ts';

/**
 * `hunt NAME` runs the worlds of one mutant, which whoever built this program has put into it, until a promise breaks. It
 * exits 0 when one broke, and 3 when all of them held.
 */
const mutant = MUTANTS.find(({ name }) => name === process.argv[2]);
if (!mutant) throw new Error(`no mutant is named ${process.argv[2] ?? 'nothing'}`);
process.exitCode = (await hunt(mutant.worlds)) ? 0 : 3;

async function hunt(worlds: readonly (WorldRef | TraceRef)[]): Promise<boolean> {
  for (const ref of worlds) {
    const caught = await catchIn(ref);
    if (caught === undefined) continue;
    process.stdout.write(`${JSON.stringify(ref)}: ${caught}\n`);
    return true;
  }
  return false;
}

/** A world that cannot even be run to its end has shown the mutant as well. */
async function catchIn(ref: WorldRef | TraceRef): Promise<string | undefined> {
  try {
    if ('traces' in ref) return firstMistake(await playAll());
    const { violations } = await runWorld(optionsOf(ref));
    const [first] = violations;
    return first && `${first.checker}: ${first.message}`;
  } catch (error) {
    return `the world broke: ${String(error)}`;
  }
}
