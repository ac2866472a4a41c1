import { ACTIVITIES, type Activity } from './autopsy.ts';
import type { Death, Reached } from './mortal-broker.ts';
import type { Evidence } from './storm.ts';

/** How the kills were spread, for a reader to judge. */
export interface Spread {
  readonly kills: number;
  readonly reached: Readonly<Record<Reached, number>>;
  /** Of the kills of a broker that was serving: how many found sessions in each activity. */
  readonly during: Readonly<Record<Activity, number>>;
}

export function spreadOf({ deployments }: Evidence): Spread {
  const deaths = deployments.flatMap((deployment) => deployment.deaths);
  const serving = deaths.filter(({ reached }) => reached === 'serving');
  const count = (reached: Reached): number =>
    deaths.filter((death) => death.reached === reached).length;
  const hit = (activity: Activity): number =>
    serving.filter(({ autopsy }) => autopsy.counts[activity] > 0).length;
  return {
    kills: deaths.length,
    reached: {
      starting: count('starting'),
      sweeping: count('sweeping'),
      serving: serving.length,
    },
    during: {
      launching: hit('launching'),
      'coming up': hit('coming up'),
      running: hit('running'),
      ending: hit('ending'),
    },
  };
}

export function describeStorm(evidence: Evidence): string {
  const { deployments } = evidence;
  const { kills, reached, during } = spreadOf(evidence);
  const activities = ACTIVITIES.map((activity) => `${activity} ${during[activity]}`).join(', ');
  const stored = deployments.flatMap((deployment) => deployment.stored);
  const instances = deployments.flatMap((deployment) => deployment.instances);
  return [
    `${kills} kills in ${evidence.tookS} s, which were ${evidence.tookHours.toFixed(1)} hours of the stage; lives of ${lives(deployments.flatMap(({ deaths }) => deaths))}`,
    `  before the port was open ${reached.starting}, in the startup sweep ${reached.sweeping}, while serving ${reached.serving}`,
    `  while serving, with sessions ${activities}`,
    `  ${stored.length} sessions on ${instances.length} instances: ${tally(stored.map(({ stopReason }) => stopReason ?? 'none'))}`,
    `  attempts: ${tally(stored.flatMap((session) => session.instances).map(({ state, failure }) => (failure ? `${state} for ${failure.code}` : state)))}`,
  ].join('\n');
}

function lives(deaths: readonly Death[]): string {
  const lived = deaths.map(({ livedMs }) => livedMs).toSorted((left, right) => left - right);
  const at = (share: number): string =>
    ((lived[Math.floor(share * (lived.length - 1))] ?? 0) / 1_000).toFixed(1);
  return `${at(0)} to ${at(1)} s, half of them under ${at(0.5)} s`;
}

function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .toSorted(([, left], [, right]) => right - left)
    .map(([word, count]) => `${word} ${count}`)
    .join(', ');
}
