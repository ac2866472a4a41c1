import type { Chance, FacadeQuirks } from '../../src/simulator/model.ts';
import { DEFAULT_QUIRKS, drawQuirks } from '../../src/simulator/default-options.ts';
import { NO_FAULTS, type WireFaults } from '../../src/simulator/wire-faults.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.ts';

/** Everything that a seed decides about a world before it starts. */
export interface Plan {
  readonly seed: number;
  readonly faults: WireFaults;
  readonly quirks: FacadeQuirks;
  readonly badShare: number;
  readonly listLag: { readonly appearMs: number; readonly disappearMs: number };
  readonly lyingDeletes: number;
  readonly foreign: number;
  readonly shell: { readonly latencyMs: number; readonly drops: number };
  readonly crashes: { readonly count: number; readonly meanGapMs: number; readonly downMs: number };
  readonly rateLimits: boolean;
  readonly sessions: number;
  readonly busyMs: number;
  readonly policy: Policy;
}

const MINUTE_MS = 60_000;

/** A fault exists in a world or does not; where it exists its strength is drawn. */
function rate(chance: Chance, existsWith: number, upTo: number): number {
  const exists = chance.hit(existsWith);
  const strength = chance.next() * upTo;
  return exists ? strength : 0;
}

export function drawPlan(seed: number, root: Chance): Plan {
  const chance = root.fork('plan');
  const isCalm = chance.hit(0.15);
  const drawn: Plan = {
    seed,
    faults: drawFaults(chance.fork('faults')),
    quirks: drawQuirks(chance.fork('quirks')),
    badShare: rate(chance, 0.6, 0.6),
    listLag: { appearMs: rate(chance, 0.4, 40_000), disappearMs: rate(chance, 0.4, 60_000) },
    lyingDeletes: rate(chance, 0.3, 0.5),
    foreign: chance.int(0, 8),
    shell: { latencyMs: chance.int(20, 2_000), drops: rate(chance, 0.4, 0.4) },
    crashes: {
      count: chance.hit(0.6) ? chance.int(1, 6) : 0,
      meanGapMs: chance.int(5_000, 5 * MINUTE_MS),
      downMs: chance.int(500, 3 * MINUTE_MS),
    },
    rateLimits: chance.hit(0.7),
    sessions: chance.int(1, 8),
    busyMs: chance.int(10, 40) * MINUTE_MS,
    policy: drawPolicy(chance.fork('nets')),
  };
  return isCalm ? { ...drawn, ...CALM, policy: DEFAULT_POLICY } : drawn;
}

const CALM = {
  faults: { ...NO_FAULTS, latencyMs: { low: 50, high: 400 } },
  quirks: DEFAULT_QUIRKS,
  badShare: 0,
  listLag: { appearMs: 0, disappearMs: 0 },
  lyingDeletes: 0,
  crashes: { count: 0, meanGapMs: 0, downMs: 0 },
} as const;

/** Nets hide bugs: some worlds run without one of them. */
function drawPolicy(chance: Chance): Policy {
  const net = chance.pick(['none', 'none', 'none', 'startupSweep', 'hardLimit'] as const);
  return {
    ...DEFAULT_POLICY,
    nets: { ...DEFAULT_POLICY.nets, ...(net === 'none' ? {} : { [net]: false }) },
  };
}

function drawFaults(chance: Chance): WireFaults {
  return {
    latencyMs: { low: chance.int(10, 200), high: chance.int(200, 6_000) },
    refused: rate(chance, 0.4, 0.1),
    serverErrorBefore: rate(chance, 0.4, 0.1),
    badGatewayBefore: rate(chance, 0.3, 0.1),
    rateLimited: rate(chance, 0.4, 0.15),
    lostAnswer: rate(chance, 0.5, 0.2),
    resetAfter: rate(chance, 0.4, 0.1),
    serverErrorAfter: rate(chance, 0.4, 0.1),
    cutBody: rate(chance, 0.4, 0.1),
    shortList: rate(chance, 0.4, 0.15),
    emptyList: rate(chance, 0.3, 0.15),
    duplicated: rate(chance, 0.2, 0.05),
    outages: [],
  };
}
