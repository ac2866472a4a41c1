import type { Chance, SimHost, SimMs } from './model.ts';
import { enrol, settleAt } from './rent.ts';
import { drawHostKey } from './ssh-plane.ts';
import { changeState, freeGpusOf, type World } from './world.ts';

export interface ForeignWishes {
  readonly count: number;
  /** The deployments whose tags the most treacherous names resemble, one after the other. */
  readonly deploymentIds: readonly string[];
}

const DAY_MS = 86_400_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** What foreign instances have as `madeBy`. */
export const FOREIGN = 'foreign';

/**
 * Moves other people into the account before the world begins. They run for ever, cost us nothing, and must be left
 * alone; some have names that a careless eye takes for ours.
 */
export function moveForeignersIn(world: World, wishes: ForeignWishes): void {
  const chance = world.chance.fork('foreigners');
  for (let index = 0; index < wishes.count; index += 1) {
    const host = pickRoomyHost(world, chance);
    if (!host) return;
    moveIn(world, host, { chance, label: drawLabel(chance, wishes.deploymentIds, index) });
  }
}

function pickRoomyHost(world: World, chance: Chance): SimHost | undefined {
  const roomy = [...world.hosts.values()].filter((host) => freeGpusOf(world, host.id) > 0);
  return roomy.length === 0 ? undefined : chance.pick(roomy);
}

function moveIn(
  world: World,
  host: SimHost,
  { chance, label }: { readonly chance: Chance; readonly label: string | null },
): void {
  const createdAt: SimMs = world.clock.now() - chance.int(1, 60) * DAY_MS;
  const record = enrol(world, {
    host,
    createdAt,
    isForeign: true,
    order: {
      market: host.market,
      hostId: host.id,
      gpuCount: 1,
      vcpus: 8,
      ramGb: 32,
      diskGb: 100,
      label,
      image: host.market === 'vastai' ? 'pytorch/pytorch:latest' : 'ubuntu2204',
      madeBy: FOREIGN,
      dedicatedIp: false,
      interruptible: false,
      bid: null,
      bootKeys: [],
      container: null,
      onStart: null,
      driver: 'ready',
      ports: [],
    },
  });
  changeState(record, { state: 'running', at: createdAt });
  record.sshUpAt = createdAt;
  settleAt(world, record, {
    host: host.publicIp,
    port: chance.int(65_000, 65_535),
    proxyHost: `ssh${chance.int(1, 9)}.vast.ai`,
    proxyPort: chance.int(40_000, 44_999),
    hostKey: drawHostKey(chance),
    openPorts: [],
  });
}

/** The first ones go through all the look-alikes, so that even few foreigners are treacherous. */
function drawLabel(chance: Chance, deploymentIds: readonly string[], index: number): string | null {
  const labels = lookAlikes(chance, deploymentIds[index % deploymentIds.length] ?? 'demo');
  return index < labels.length ? (labels[index] ?? null) : chance.pick(labels);
}

function lookAlikes(chance: Chance, deploymentId: string): readonly (string | null)[] {
  const session = drawText(chance, 16);
  return [
    `gpub-${drawText(chance, 8)}-${session}-1`,
    `GPUB-${deploymentId}-${session}-1`.toUpperCase(),
    'gpub-demo',
    `my gpub-${deploymentId}-${session}-1`,
    `gpub-${deploymentId}x-${session}-1`,
    `gpub-${deploymentId}-${session}-01`,
    `gpub-${deploymentId}-${session}-1-old`,
    `gpub-${deploymentId}-${session}`,
    `gpub-${deploymentId}`,
    `gpub-${deploymentId}-${session.toUpperCase()}-1x`,
    `gpub_${deploymentId}_${session}_1`,
    'llm-finetune',
    null,
  ];
}

function drawText(chance: Chance, length: number): string {
  return Array.from({ length }, () => LETTERS.charAt(chance.int(0, LETTERS.length - 1))).join('');
}
