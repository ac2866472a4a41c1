/** From the provider's own page on locations and hostnodes. */
export const DOCUMENTED_LOCATIONS = {
  data: {
    locations: [
      {
        id: 'loc-uuid-12345',
        city: 'Austin',
        stateprovince: 'Texas',
        country: 'United States',
        tier: 3,
        gpus: [
          {
            v0Name: 'h100-sxm5-80gb',
            displayName: 'H100 SXM5 80GB',
            max_count: 8,
            price_per_hr: 2.2,
            resources: { max_vcpus: 128, max_ram_gb: 300, max_storage_gb: 1000 },
            pricing: { per_vcpu_hr: 0.003, per_gb_ram_hr: 0.002, per_gb_storage_hr: 0.00005 },
            network_features: {
              dedicated_ip_available: true,
              port_forwarding_available: true,
              network_storage_available: false,
            },
          },
          {
            v0Name: 'geforcertx4090-pcie-24gb',
            displayName: 'NVIDIA GeForce RTX 4090 PCIe 24GB',
            max_count: 4,
            price_per_hr: 0.5,
            resources: { max_vcpus: 32, max_ram_gb: 128, max_storage_gb: 2000 },
            pricing: { per_vcpu_hr: 0.003, per_gb_ram_hr: 0.002, per_gb_storage_hr: 0.00005 },
            network_features: {
              dedicated_ip_available: false,
              port_forwarding_available: true,
              network_storage_available: false,
            },
          },
        ],
      },
    ],
  },
};

/** From the same page: the list of hostnodes. */
export const DOCUMENTED_HOSTNODE = {
  id: 'hostnode-uuid',
  location_id: 'location-uuid',
  engine: 'Narwhal',
  uptime_percentage: 99.79,
  available_resources: {
    gpus: [{ v0Name: 'h100-sxm5-80gb', availableCount: 8, price_per_hr: 2.2 }],
    vcpu_count: 208,
    ram_gb: 990,
    storage_gb: 14780,
    has_public_ip_available: true,
  },
  pricing: { per_vcpu_hr: 0.0015, per_gb_ram_hr: 0.0007, per_gb_storage_hr: 0.00005 },
  location: {
    uuid: 'location-uuid',
    city: 'Austin',
    stateprovince: 'Texas',
    country: 'United States',
    has_network_storage: false,
    network_speed_gbps: 10,
    network_speed_upload_gbps: 10,
    organization: 'organization-uuid',
    organizationName: 'DataCenter Corp',
    tier: 3,
  },
};

/** From the same page: one hostnode, whose sizes have other names and which shows its free ports. */
export const DOCUMENTED_HOSTNODE_DETAILS = {
  ...DOCUMENTED_HOSTNODE,
  available_resources: {
    gpus: DOCUMENTED_HOSTNODE.available_resources.gpus,
    max_vcpus_per_gpu: 16,
    max_ram_per_gpu: 128,
    max_vcpus: 208,
    max_ram_gb: 990,
    max_storage_gb: 14780,
    available_ports: [20000, 20001, 20002, 20003, 20004, 20005, 20006, 20007, 20008, 20009],
    has_public_ip_available: true,
  },
};

/** A row seen live; it showed neither network features nor unit prices. */
export const CHUBBUCK = {
  id: '8dd95ff0-dff9-489c-9b02-b38a366b6ab1',
  city: 'Chubbuck',
  stateprovince: 'Idaho',
  country: 'United States',
  tier: 1,
  gpus: [
    {
      v0Name: 'geforcertx4090-pcie-24gb',
      displayName: 'NVIDIA GeForce RTX 4090 PCIe 24GB',
      max_count: 4,
      price_per_hr: 0.3966,
      resources: { max_vcpus: 56, max_ram_gb: 331, max_storage_gb: 30200 },
    },
  ],
};

type Json = Readonly<Record<string, unknown>>;

export function locations(...rows: readonly unknown[]): Json {
  return { data: { locations: rows } };
}

/** {@link CHUBBUCK} with another location or GPU row. */
export function chubbuck(location: Json = {}, gpu: Json = {}): Json {
  return { ...CHUBBUCK, gpus: [{ ...CHUBBUCK.gpus[0], ...gpu }], ...location };
}

/** The form of a single GET seen live: bare. */
export function bareInstance(overrides: Json = {}): Json {
  return {
    type: 'virtualmachine',
    id: '65e7edca-888a-4e66-a975-2c6cd4cd218b',
    name: 'gpub-test01-0000000000000001-1',
    status: 'running',
    ipAddress: '139.28.40.249',
    portForwards: [{ protocol: 'tcp', internal_port: 22, external_port: 20456 }],
    rateHourly: 0.272999,
    ...overrides,
  };
}

/** The form of the OpenAPI document: attributes apart. */
export function jsonApiInstance(attributes: Json = {}): Json {
  const { type, id, ...rest } = bareInstance();
  return { type, id, attributes: { ...rest, ...attributes } };
}

/** An item of the list as it was seen. */
export function listedInstance(overrides: Json = {}): Json {
  return {
    id: '65e7edca-888a-4e66-a975-2c6cd4cd218b',
    name: 'gpub-test01-0000000000000001-1',
    status: 'running',
    ipAddress: '139.28.40.249',
    gpu_model: 'geforcertx4090-pcie-24gb',
    gpu_count: 1,
    vcpus: 8,
    ram_gb: 32,
    storage_gb: 100,
    price_per_hour: 0.4996,
    created_at: '2026-02-03T17:00:06Z',
    location_id: '8dd95ff0-dff9-489c-9b02-b38a366b6ab1',
    ...overrides,
  };
}
