import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { AdapterData } from '../../../domain/offer.ts';

/** What a launch needs again of the offer that it was decided on. */
const LaunchData = Type.Object({
  locationId: Type.String(),
  v0Name: Type.String(),
  count: Type.Integer({ minimum: 1 }),
  vcpus: Type.Integer({ minimum: 1 }),
  ramGb: Type.Integer({ minimum: 1 }),
  /** Whether its machines get an address of their own. */
  dedicatedIp: Type.Boolean(),
  portForwarding: Type.Boolean(),
  /** The host that was chosen; without one the location chooses. */
  hostnodeId: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_-]{1,128}$' })),
  /** False where the location must not place it elsewhere, as that may cost more. */
  byLocation: Type.Optional(Type.Boolean()),
});
export type LaunchData = Static<typeof LaunchData>;

export type Network = Pick<LaunchData, 'dedicatedIp' | 'portForwarding'>;

/** Undefined for an offer that another version made, or that was tampered with. */
export function launchData(data: AdapterData): LaunchData | undefined {
  return Value.Check(LaunchData, data) ? data : undefined;
}
