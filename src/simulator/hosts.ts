import { GPU_CATALOGUE } from './gpu-catalogue.ts';
import type { Chance, HostNature, SimHost, SimMs } from './model.ts';
import { drawTensordockHosts } from './tensordock-hosts.ts';
import { drawVastHosts } from './vast-hosts.ts';

export interface HostWishes {
  readonly chance: Chance;
  /** When the market opens. */
  readonly startedAt: SimMs;
  /** Machines on Vast.ai; each is offered in slices. */
  readonly vastHosts: number;
  /** Hostnodes on TensorDock, spread over its locations. */
  readonly tensordockHosts: number;
  /** 0 to 1: hosts that are not `good`, drawn over the other natures. */
  readonly badShare: number;
}

export const DEFAULT_VAST_HOSTS = 220;
export const DEFAULT_TENSORDOCK_HOSTS = 40;

const BAD_NATURES: readonly HostNature[] = [
  'stale',
  'never_boots',
  'never_lets_in',
  'breaks',
  'vanishes',
  'gets_stopped',
];

/** Everybody who offers a machine in this world. */
export function drawHosts(wishes: HostWishes): readonly SimHost[] {
  const { chance, startedAt, badShare } = wishes;
  const drawNature = natureDrawer(chance.fork('natures'), badShare);
  const vast = { chance: chance.fork('vast hosts'), startedAt, count: wishes.vastHosts };
  const dock = { chance: chance.fork('dock hosts'), startedAt, count: wishes.tensordockHosts };
  return [
    ...drawVastHosts({ ...vast, catalogue: GPU_CATALOGUE, drawNature }),
    ...drawTensordockHosts({ ...dock, catalogue: GPU_CATALOGUE, drawNature }),
  ];
}

function natureDrawer(chance: Chance, badShare: number): () => HostNature {
  return () => (chance.hit(badShare) ? chance.pick(BAD_NATURES) : 'good');
}
