import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChance } from '../../src/simulator/chance.ts';
import { type BrokerOptions, openStage, type Stage, type StageOptions } from './stage.ts';
import { type DeploymentEvidence, type Evidence, runStorm } from './storm.ts';
import { describeStorm, spreadOf } from './storm-report.ts';
import {
  doubles,
  foreignEnds,
  leaks,
  stuck,
  unsound,
  type Verdict,
  wrongEnds,
  wrongSums,
} from './storm-verdicts.ts';

/** Every test run kills this often; `npm run kill` 200 times, which takes some minutes. */
const KILLS = Number(process.env['KILLS'] ?? 30);
const SEED = process.env['KILL_SEED'] ?? String(Math.floor(Math.random() * 1e9));
/** Fewer need not hit everything. */
const ENOUGH_KILLS = 150;

const STAGE: StageOptions = {
  speed: 40,
  bootScale: 0.3,
  foreign: 13,
  latencyMs: 4_000,
  badShare: 0,
};
/**
 * The stage's time runs the slower, the busier the machine is: a deadline of the broker's has to leave a process as much
 * to do as it does elsewhere, and the first reservations, of one hour, are to run out before the end.
 */
const SPEED = { perStartMs: 80_000, low: 12, high: 24 };
/** The first ones need a while to be rented and to come up. */
const SOME_RAN_OUT_HOURS = 1.3;

/** What comes often in a real broker's hours would come too often in these seconds. */
const OFTEN_ENOUGH = {
  SSH_CHECK_INTERVAL: '10s',
  SSH_VERIFY_TIMEOUT: '60m',
  INVENTORY_REFRESH_INTERVAL: '5m',
};
const COMMON = { crashAt: '', settings: OFTEN_ENOUGH };

/** Foreign instances have names that resemble the first one's, and the others' names begin like it. */
const DEPLOYMENTS: readonly BrokerOptions[] = [
  { ...COMMON, deploymentId: 'demo', tensordock: 'both' },
  { ...COMMON, deploymentId: 'demo2', tensordock: 'v2' },
  { ...COMMON, deploymentId: 'demo22', tensordock: 'v0' },
];

let stage: Stage;
let evidence: Evidence;
beforeAll(async () => {
  const speed = await speedForThisMachine();
  process.stdout.write(`random kills: KILL_SEED=${SEED} KILLS=${KILLS} at ${speed} × real time\n`);
  stage = await openStage({ ...STAGE, speed });
  evidence = await runStorm(stage, {
    chance: createChance(SEED),
    deployments: DEPLOYMENTS,
    kills: KILLS,
    consumersEach: 4,
  });
  process.stdout.write(`${describeStorm(evidence)}\n`);
}, 900_000);
afterAll(() => stage.close());

describe('brokers killed at random moments of a busy life', () => {
  it('leave no instance alive', () => expectNothing(leaks));
  it('leave no session in between', () => expectNothing(stuck));
  it('rent once for each request', () => expectNothing(doubles));
  it('tell every consumer the same again', () => expectNothing(({ complaints }) => complaints));
  it('end no session that nobody asked to end', () => expectNothing(wrongEnds));
  it("leave each other's instances alone", () => expectNothing(foreignEnds));
  it('tell the sum of what the sessions cost', () => expectNothing(wrongSums));
  it('find their databases sound', () => expectNothing(unsound));

  it("leave other people's instances alone", () => {
    expect(evidence.foreignBefore).toHaveLength(STAGE.foreign);
    expect(evidence.foreignAfter).toEqual(evidence.foreignBefore);
  });

  it('were hit in all that they do', ({ skip }) => {
    const { kills, reached, during } = spreadOf(evidence);
    expect(kills).toBe(KILLS);
    if (KILLS < ENOUGH_KILLS) skip(`${KILLS} kills are too few to hit everything`);
    for (const hits of [...Object.values(reached), ...Object.values(during)]) {
      expect(hits).toBeGreaterThanOrEqual(5);
    }
    const reasons = evidence.deployments.flatMap(({ stored }) =>
      stored.map((one) => one.stopReason),
    );
    const isLong = evidence.tookHours >= SOME_RAN_OUT_HOURS;
    expect(reasons).toEqual(
      expect.arrayContaining(['done', 'deleted', ...(isLong ? ['expired'] : [])]),
    );
  });
});

async function speedForThisMachine(): Promise<number> {
  const trial = await openStage(STAGE);
  const startedAtMs = performance.now();
  await Promise.all(DEPLOYMENTS.map((deployment) => trial.startBroker(deployment)));
  const startMs = performance.now() - startedAtMs;
  await trial.close();
  return Math.round(Math.min(Math.max(SPEED.perStartMs / startMs, SPEED.low), SPEED.high));
}

function expectNothing(verdict: (deployment: DeploymentEvidence) => Verdict): void {
  for (const deployment of evidence.deployments) {
    expect(deployment.stored).toHaveLength(deployment.shown.length);
    expect(verdict(deployment)).toEqual([]);
  }
}
