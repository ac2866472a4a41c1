/** What a provider may have beside what all of them have. Whatever an adapter lacks it says so, with the reason. */
export const CAPABILITIES = [
  'access call',
  'balance',
  'bids',
  'charges',
  'kept disks',
  'power',
  'templates',
] as const;
export type Capability = (typeof CAPABILITIES)[number];
