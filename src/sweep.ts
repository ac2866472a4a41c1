import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { Config } from './config.ts';
import type { Recorder } from './ports/recorder.ts';
import {
  chosenToEnd,
  type EndingChoice,
  endForGood,
  type FoundInstance,
  findOwnInstances,
  type SweepReport,
} from './sessions/account-sweep.ts';
import { type StoreView, viewStore } from './store/read-only.ts';
import { systemClock } from './system/clock.ts';
import { openProviders } from './wiring.ts';

export const SWEEP_USAGE = `gpu-broker sweep [--execute] [--yes] [--include-wanted] [--include-ignored]

Lists every instance of this deployment at the configured providers; needs their credentials and DEPLOYMENT_ID (or the
database, which knows it), and no running broker. With --execute it ends those that no session wants; where no database
can be read, all of them. --include-wanted ends those of live sessions as well, --include-ignored those that a person has
told the broker to ignore. --yes does not ask.
`;

/** Nothing can be said for sure: a provider did not answer, or an instance would not end. */
const EXIT_INCOMPLETE = 1;
const EXIT_USAGE = 2;

const SILENT: Recorder = { event: () => {}, note: () => {} };

interface SweepOptions extends EndingChoice {
  readonly isExecuting: boolean;
  readonly isConfirmed: boolean;
}

/** For the day when the box is gone: what of ours still runs, and its end. Resolves with the exit code. */
export async function sweep(config: Config, args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const view = await openView(config.store.databasePath);
  const deploymentId = config.store.deploymentId ?? view?.deploymentId;
  if (deploymentId === undefined) {
    say(
      `no deployment id: set DEPLOYMENT_ID, or DATABASE_PATH to the broker's database\n\n${SWEEP_USAGE}`,
    );
    return EXIT_USAGE;
  }
  const { providers, close } = openProviders(config, { clock: systemClock, recorder: SILENT });
  try {
    const rows = view?.deploymentId === deploymentId ? view : undefined;
    if (!rows) {
      const path = resolve(config.store.databasePath);
      say(
        `no database of deployment ${deploymentId} at ${path}: which of these a session needs is not known`,
      );
    }
    const report = await findOwnInstances(providers, { deploymentId, rows });
    show(report, deploymentId);
    const isEnded = !options.isExecuting || (await end(report, options, deploymentId));
    return isEnded && report.failed.length === 0 ? 0 : EXIT_INCOMPLETE;
  } finally {
    await view?.close();
    await close();
  }
}

function readOptions(args: readonly string[]): SweepOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      execute: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
      'include-wanted': { type: 'boolean', default: false },
      'include-ignored': { type: 'boolean', default: false },
    },
  });
  return {
    isExecuting: values.execute,
    isConfirmed: values.yes,
    includesWanted: values['include-wanted'],
    includesIgnored: values['include-ignored'],
  };
}

/** A database that cannot be read is no reason not to list: the instances are then of unknown standing. */
async function openView(path: string): Promise<StoreView | undefined> {
  try {
    return await viewStore(path);
  } catch (error) {
    say(
      `the database ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}

function show({ found, failed }: SweepReport, deploymentId: string): void {
  say(`${found.length} instance(s) of deployment ${deploymentId}`);
  for (const { provider, observation, tag, standing } of found) {
    say(`  ${provider.api}  ${observation.id}  ${tag}  ${observation.phase}  ${standing}`);
  }
  for (const { api, detail } of failed) say(`  ${api} could not be listed: ${detail}`);
}

async function end(
  { found }: SweepReport,
  options: SweepOptions,
  deploymentId: string,
): Promise<boolean> {
  const chosen = chosenToEnd(found, options);
  if (chosen.length === 0) {
    say('nothing to end');
    return true;
  }
  if (!options.isConfirmed && !(await isConfirmed(chosen.length, deploymentId))) {
    say('nothing was ended');
    return false;
  }
  const outcomes = await Promise.all(chosen.map(endOne));
  return outcomes.every((isGone) => isGone);
}

async function endOne(instance: FoundInstance): Promise<boolean> {
  const isGone = await endForGood(instance, systemClock);
  const { provider, observation } = instance;
  say(
    `  ${provider.api}  ${observation.id}  ${isGone ? 'gone' : 'STILL THERE: look at the provider'}`,
  );
  return isGone;
}

/** Typing the deployment's id is slow on purpose. */
async function isConfirmed(count: number, deploymentId: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    // Where nobody is there to type, the input ends and no answer comes.
    const silence = new Promise<string>((answer) => prompt.once('close', () => answer('')));
    const typed = await Promise.race([
      prompt.question(`end ${count} instance(s)? type ${deploymentId} to confirm: `),
      silence,
    ]);
    return typed.trim() === deploymentId;
  } finally {
    prompt.close();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
