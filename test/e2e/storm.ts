import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../../src/domain/session.ts';
import { HOUR_MS } from '../../src/domain/time.ts';
import type { Chance } from '../../src/simulator/model.ts';
import { viewStore } from '../../src/store/read-only.ts';
import { type Autopsy, examineInPlace } from './autopsy.ts';
import { Crowd } from './crowd.ts';
import { type Death, drawMoments, MortalBroker } from './mortal-broker.ts';
import type { Order, ShownSession } from './order.ts';
import { askUntilAnswered } from './patient-caller.ts';
import type { BrokerOptions, ForeignInstance, SimulatedInstance, Stage } from './stage.ts';

export interface StormOptions {
  readonly chance: Chance;
  readonly deployments: readonly BrokerOptions[];
  /** In all. */
  readonly kills: number;
  readonly consumersEach: number;
}

/** All that is left to look at when everybody has gone home. */
export interface Evidence {
  readonly deployments: readonly DeploymentEvidence[];
  readonly foreignBefore: readonly ForeignInstance[];
  readonly foreignAfter: readonly ForeignInstance[];
  /** By the stage's time. */
  readonly tookHours: number;
  readonly tookS: number;
}

export interface DeploymentEvidence {
  readonly deploymentId: string;
  readonly deaths: readonly Death[];
  readonly orders: readonly Order[];
  readonly complaints: readonly string[];
  /** As the API shows them in the end. */
  readonly shown: readonly ShownSession[];
  readonly costs: Costs;
  /** As they stand in the database in the end. */
  readonly stored: readonly Session[];
  /** All that the marketplaces ever ran for this deployment. */
  readonly instances: readonly SimulatedInstance[];
  readonly lastAutopsy: Autopsy;
}

export interface Costs {
  readonly total_cost: number;
  readonly session_count: number;
}

/**
 * Brokers of several deployments in one account, each killed again and again while its consumers are busy; then one more
 * life each, in which the consumers ask for the end of everything.
 */
export async function runStorm(stage: Stage, options: StormOptions): Promise<Evidence> {
  const startedAtMs = performance.now();
  const startedAt = stage.now();
  const foreignBefore = await stage.foreignInstances();
  const share = options.kills / options.deployments.length;
  const deployments = await Promise.all(
    options.deployments.map((deployment, index) => {
      const kills = Math.round((index + 1) * share) - Math.round(index * share);
      return runDeployment(stage, { ...options, deployment, kills });
    }),
  );
  const foreignAfter = await stage.foreignInstances();
  const tookS = Math.round((performance.now() - startedAtMs) / 1_000);
  const tookHours = (stage.now() - startedAt) / HOUR_MS;
  return { deployments, foreignBefore, foreignAfter, tookHours, tookS };
}

type DeploymentOptions = Omit<StormOptions, 'deployments'> & {
  readonly deployment: BrokerOptions;
};

async function runDeployment(
  stage: Stage,
  { deployment, kills, ...options }: DeploymentOptions,
): Promise<DeploymentEvidence> {
  const { deploymentId } = deployment;
  const firstDay = dayOf(stage);
  const chance = options.chance.fork(deploymentId);
  const broker = await MortalBroker.create(stage, deployment);
  const { url } = broker;
  const size = options.consumersEach;
  const crowd = new Crowd({ url, now: () => stage.now(), deploymentId, chance, size });
  const deaths: Death[] = [];
  for (const moment of drawMoments(chance.fork('kills'), kills)) {
    deaths.push(await broker.liveUntil(moment));
  }
  const { running, databasePath } = await broker.liveOn();
  await crowd.close();
  await crowd.askAgain();
  await crowd.endAll();
  await untilNothingIsAlive(stage, deploymentId);
  const shown = await shownSessions(url);
  const costs = await costsOf(url, { firstDay, lastDay: dayOf(stage) });
  const status = await running.kill('SIGTERM');
  if (status !== '0') throw new Error(`it ended with ${status}:\n${running.log()}`);
  return {
    deploymentId,
    deaths,
    orders: crowd.orders,
    complaints: crowd.complaints,
    shown,
    costs,
    stored: await storedSessions(databasePath, shown),
    instances: await instancesOf(stage, deploymentId),
    lastAutopsy: examineInPlace(databasePath),
  };
}

/** An instance that no row knows of has to be seen twice and be older than the grace period. */
const MAX_ALIVE_LOOKS = 200;
const LOOK_EVERY_MS = 100;

async function untilNothingIsAlive(stage: Stage, deploymentId: string): Promise<void> {
  for (let looks = 0; looks < MAX_ALIVE_LOOKS; looks += 1) {
    const instances = await instancesOf(stage, deploymentId);
    if (instances.every(({ state }) => state === 'gone')) return;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Some of other people's instances have names that begin like ours. */
async function instancesOf(
  stage: Stage,
  deploymentId: string,
): Promise<readonly SimulatedInstance[]> {
  const named = await stage.instancesOf(deploymentId);
  return named.filter(({ isForeign }) => !isForeign);
}

async function shownSessions(url: string): Promise<readonly ShownSession[]> {
  const { body } = await askUntilAnswered<{ sessions: ShownSession[]; total: number }>(url, {
    method: 'GET',
    path: '/sessions?limit=1000',
  });
  if (body.total !== body.sessions.length) throw new Error('there are more sessions than one page');
  return body.sessions;
}

/** Of the days on which this ran: what runs faster passes midnight sooner. */
async function costsOf(
  url: string,
  { firstDay, lastDay }: { readonly firstDay: string; readonly lastDay: string },
): Promise<Costs> {
  const path = `/costs?start_date=${firstDay}&end_date=${lastDay}`;
  return (await askUntilAnswered<Costs>(url, { method: 'GET', path })).body;
}

function dayOf(stage: Stage): string {
  return new Date(stage.now()).toISOString().slice(0, 10);
}

async function storedSessions(
  databasePath: string,
  shown: readonly ShownSession[],
): Promise<readonly Session[]> {
  const view = await viewStore(databasePath);
  if (!view) throw new Error(`no database at ${databasePath}`);
  try {
    const sessions = await Promise.all(shown.map(({ id }) => view.load(id)));
    return sessions.filter((session) => session !== undefined);
  } finally {
    await view.close();
  }
}
