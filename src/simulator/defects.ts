import type { Chance, HostDefect, SimHost } from './model.ts';

const DEFECTS: readonly HostDefect[] = [
  'other model',
  'fewer GPUs',
  'less memory',
  'no driver',
  'old driver',
  'full disk',
  'slow disk',
];

/** The same hosts, of which so many are not what they say; what of a good nature they had they keep. */
export function withDefects(
  hosts: readonly SimHost[],
  { share, chance }: { readonly share: number; readonly chance: Chance },
): readonly SimHost[] {
  if (share === 0) return hosts;
  return hosts.map((host) => {
    const draws = chance.fork(host.id);
    return draws.hit(share) ? { ...host, defect: draws.pick(DEFECTS) } : host;
  });
}
