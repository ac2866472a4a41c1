import type { Offer } from '../offer.ts';

/** What launches may have in common, from the most to the least telling. */
export const LEVELS = ['offer', 'machine', 'host', 'model', 'site'] as const;
export type Level = (typeof LEVELS)[number];

/** Where a launch was made, level by level; a level that its provider does not tell is missing. Keys are unique within a level. */
export type Place = Readonly<Partial<Record<Level, string>>>;

export function placeOf({ id, machineId, hostId, siteId, gpuType }: PlaceFacts): Place {
  return {
    offer: id,
    ...(machineId === undefined ? {} : { machine: machineId }),
    ...(hostId === undefined ? {} : { host: hostId }),
    ...(siteId === undefined ? {} : { model: modelKey(siteId, gpuType), site: siteId }),
  };
}

type PlaceFacts = Pick<Offer, 'id' | 'machineId' | 'hostId' | 'siteId' | 'gpuType'>;

/** One model of GPU at one site. */
export function modelKey(siteId: string, gpuType: string): string {
  return `${siteId} ${gpuType}`;
}

/** The most telling level at which two places are one; undefined where they have nothing in common. */
export function sharedLevel(left: Place, right: Place): Level | undefined {
  return LEVELS.find((level) => left[level] !== undefined && left[level] === right[level]);
}
