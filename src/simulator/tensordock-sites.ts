/** A TensorDock location: what the fact sheet saw (§8), filled up to the size of the real list (about 25 offers). */
export interface TensordockSite {
  readonly city: string;
  readonly region: string;
  readonly country: string;
  readonly countryCode: string;
  /** The real location's id, where it was seen. */
  readonly knownId?: string;
  /** 1 to 4. */
  readonly tier: number;
  readonly dedicatedIps: boolean;
  /** False: the request for forwards is accepted and nothing is forwarded, as seen in Joplin. */
  readonly portForwards: boolean;
  /** Its hostnodes are listed by the old API alone. */
  readonly onlyV0?: true;
  readonly gpus: readonly string[];
  /** Dollars per GPU and hour that were seen. */
  readonly usd?: Readonly<Record<string, number>>;
}

const US = { country: 'United States', countryCode: 'US' } as const;
const CANADA = { country: 'Canada', countryCode: 'CA' } as const;
const GERMANY = { country: 'Germany', countryCode: 'DE' } as const;
const BOTH = { dedicatedIps: true, portForwards: true } as const;
const ONLY_IPS = { dedicatedIps: true, portForwards: false } as const;
const ONLY_FORWARDS = { dedicatedIps: false, portForwards: true } as const;

const RTX_4090 = 'geforcertx4090-pcie-24gb';
const RTX_3090 = 'geforcertx3090-pcie-24gb';
const RTX_5090 = 'geforcertx5090-pcie-32gb';
const A6000 = 'rtxa6000-pcie-48gb';
const A5000 = 'rtxa5000-pcie-24gb';
const A4000 = 'rtxa4000-pcie-16gb';
const A100 = 'rtxa100-pcie-80gb';
const H100 = 'h100-sxm5-80gb';
const L40S = 'l40s-pcie-48gb';
const L4 = 'l4-pcie-24gb';
const A40 = 'a40-pcie-48gb';
const V100 = 'v100-sxm2-16gb';

// biome-ignore format: one site a line reads as the table that it is.
export const TENSORDOCK_SITES: readonly TensordockSite[] = [
  { city: 'Joplin', region: 'Missouri', ...US, knownId: '071132ae-8c07-4d6b-9c37-041a55a85047', tier: 1, ...ONLY_IPS, gpus: [RTX_4090], usd: { [RTX_4090]: 0.439 } },
  { city: 'Chubbuck', region: 'Idaho', ...US, knownId: '8dd95ff0-dff9-489c-9b02-b38a366b6ab1', tier: 1, ...BOTH, gpus: [RTX_4090, A6000, RTX_5090], usd: { [RTX_4090]: 0.3966, [A6000]: 0.4, [RTX_5090]: 0.54 } },
  { city: 'Falkenstein', region: 'Saxony', ...GERMANY, knownId: '64d4a7fe-5953-426d-bc73-3b7a13463fb0', tier: 3, ...BOTH, gpus: [L4], usd: { [L4]: 0.225 } },
  { city: 'Manassas', region: 'Virginia', ...US, knownId: '1a779525-4c04-4f2c-aa45-58b47d54bb38', tier: 3, ...BOTH, gpus: [RTX_4090, RTX_3090], usd: { [RTX_4090]: 0.377, [RTX_3090]: 0.2 } },
  { city: 'Orlando', region: 'Florida', ...US, tier: 2, ...BOTH, gpus: [RTX_4090], usd: { [RTX_4090]: 0.377 } },
  { city: 'Ottawa', region: 'Ontario', ...CANADA, tier: 2, ...BOTH, gpus: [RTX_4090] },
  { city: 'Winnipeg', region: 'Manitoba', ...CANADA, tier: 2, ...ONLY_FORWARDS, gpus: [RTX_4090] },
  { city: 'Texas', region: 'Texas', ...US, tier: 2, ...BOTH, gpus: [RTX_3090] },
  { city: 'Las Vegas', region: 'Nevada', ...US, tier: 3, ...ONLY_FORWARDS, gpus: [A5000] },
  { city: 'Wilmington', region: 'Delaware', ...US, tier: 4, ...BOTH, gpus: [H100] },
  { city: 'New York City', region: 'New York', ...US, tier: 3, ...ONLY_FORWARDS, gpus: [A4000] },
  { city: 'Chicago', region: 'Illinois', ...US, tier: 3, ...BOTH, gpus: [A6000] },
  { city: 'Salt Lake City', region: 'Utah', ...US, tier: 2, ...ONLY_IPS, gpus: [V100] },
  { city: 'Austin', region: 'Texas', ...US, tier: 3, ...BOTH, gpus: [H100] },
  { city: 'Frankfurt', region: 'Hesse', ...GERMANY, tier: 3, ...BOTH, gpus: [L40S] },
  { city: 'Amsterdam', region: 'North Holland', country: 'Netherlands', countryCode: 'NL', tier: 3, ...BOTH, gpus: [A100] },
  { city: 'London', region: 'England', country: 'United Kingdom', countryCode: 'GB', tier: 3, ...ONLY_FORWARDS, gpus: [A40] },
  { city: 'Warsaw', region: 'Mazovia', country: 'Poland', countryCode: 'PL', tier: 2, ...BOTH, gpus: [RTX_4090] },
  { city: 'Stockholm', region: 'Stockholm', country: 'Sweden', countryCode: 'SE', tier: 3, ...BOTH, gpus: [RTX_5090] },
  { city: 'Mumbai', region: 'Maharashtra', country: 'India', countryCode: 'IN', tier: 2, ...ONLY_FORWARDS, gpus: [RTX_4090] },
  { city: 'Singapore', region: 'Singapore', country: 'Singapore', countryCode: 'SG', tier: 3, ...BOTH, gpus: [L4] },
  { city: 'Sydney', region: 'New South Wales', country: 'Australia', countryCode: 'AU', tier: 2, ...BOTH, gpus: [RTX_3090] },
  { city: 'Seattle', region: 'Washington', ...US, tier: 3, ...BOTH, gpus: [A100] },
  { city: 'Atlanta', region: 'Georgia', ...US, tier: 3, ...BOTH, gpus: [RTX_5090] },
  { city: 'Kansas City', region: 'Missouri', ...US, tier: 2, ...ONLY_FORWARDS, gpus: [RTX_3090] },
  { city: 'Kraków', region: 'Małopolska', country: 'Poland', countryCode: 'PL', tier: 2, ...ONLY_FORWARDS, onlyV0: true, gpus: [RTX_4090, RTX_3090] },
  { city: 'Reykjavik', region: 'Capital Region', country: 'Iceland', countryCode: 'IS', tier: 2, ...ONLY_FORWARDS, onlyV0: true, gpus: [A4000] },
];
