import type { Offer } from '../offer.ts';

/** What launches may have in common, from the most to the least telling. */
export const LEVELS = ['offer', 'machine', 'host', 'model', 'site'] as const;
export type Level = (typeof LEVELS)[number];

/** Where a launch was made, level by level; undefined where its provider does not tell. Keys are unique within a level. */
export type Place = Readonly<Record<Level, string | undefined>>;

export const NOWHERE: Place = {
  offer: undefined,
  machine: undefined,
  host: undefined,
  model: undefined,
  site: undefined,
};

export function placeOf({ id, machineId, hostId, siteId, gpuType }: PlaceFacts): Place {
  const model = siteId === undefined ? undefined : modelKey(siteId, gpuType);
  return { offer: id, machine: machineId, host: hostId, model, site: siteId };
}

type PlaceFacts = Pick<Offer, 'id' | 'machineId' | 'hostId' | 'siteId' | 'gpuType'>;

/** One model of GPU at one site. */
export function modelKey(siteId: string, gpuType: string): string {
  return `${siteId} ${gpuType}`;
}

/** The most telling level at which two places are one; undefined where they have nothing in common. */
export function sharedLevel(left: Place, right: Place): Level | undefined {
  // Spelt out, because every offer is held against every launch near it.
  if (left.offer !== undefined && left.offer === right.offer) return 'offer';
  if (left.machine !== undefined && left.machine === right.machine) return 'machine';
  if (left.host !== undefined && left.host === right.host) return 'host';
  if (left.model !== undefined && left.model === right.model) return 'model';
  return left.site !== undefined && left.site === right.site ? 'site' : undefined;
}
