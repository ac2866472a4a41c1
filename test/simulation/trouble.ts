import type { Chance } from '../../src/simulator/model.ts';
import type { Deployment } from './deployment.ts';
import type { Stage } from './stage.ts';

/** Whatever befalls a broker befalls one of those in the account, whichever; and nothing does once the world is well. */
export function scheduleTrouble(stage: Stage, deployments: readonly Deployment[]): void {
  const { clock, plan, chance } = stage;
  const victims = chance.fork('victims');
  const befall = (atMs: number, act: (victim: Deployment) => void): void => {
    const victim = victims.pick(deployments);
    clock.after(atMs, () => {
      if (!stage.isHealed) act(victim);
    });
  };
  for (const { atMs, byMs } of plan.clockJumps) befall(atMs, ({ lives }) => lives.jumpClock(byMs));
  for (const { atMs, durationMs } of plan.fullDisks) {
    befall(atMs, ({ lives }) => lives.fillDisk(durationMs));
  }
  for (const atMs of crashTimes(stage, chance.fork('crashes'))) {
    befall(atMs, ({ lives }) => lives.doomIn(1));
  }
  scheduleLoss(stage, victims.pick(deployments));
}

/** Each crash comes at whatever await the broker happens to be in. */
function crashTimes({ plan: { crashes } }: Stage, chance: Chance): readonly number[] {
  if (crashes.kind !== 'random') return [];
  const times: number[] = [];
  let at = 0;
  for (let index = 0; index < crashes.count; index += 1) {
    at += chance.int(1, crashes.meanGapMs * 2);
    times.push(at);
  }
  return times;
}

function scheduleLoss(stage: Stage, { lives }: Deployment): void {
  const { clock, plan } = stage;
  const { backup } = plan;
  if (!backup) return;
  clock.after(backup.atMs, () => void lives.takeBackup());
  clock.after(backup.atMs + backup.restoredAfterMs, () => {
    if (!stage.isHealed) lives.loseDisk();
  });
}
