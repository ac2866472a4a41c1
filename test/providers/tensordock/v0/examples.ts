/** Answers as the provider's Postman collection documents them (published 2022-12-10), whole unless noted. */
export const WINNIPEG = '02c65d45-6da5-4232-a8db-ee0e5bc76110';

/** The first of two; the other differs in figures only. */
export const HOSTNODES = {
  hostnodes: {
    [WINNIPEG]: {
      location: {
        city: 'Winnipeg',
        country: 'Canada',
        dc: null,
        id: '50cf200c-be1b-4983-a316-369d2eea10ec',
        region: 'Manitoba',
      },
      networking: {
        ports: [
          20013, 20012, 20011, 20010, 20009, 20008, 20007, 20006, 20005, 20004, 20003, 20002, 20001,
          8935, 8080, 8000, 3389, 3000, 443, 80,
        ],
        receive: 1000,
        send: 1000,
      },
      specs: {
        cpu: { amount: 26, price: 0.003, type: 'AMD Ryzen 9 5950X' },
        gpu: { 'geforcertx3080-pcie-10gb': { amount: 1, price: 0.15 } },
        ram: { amount: 100, price: 0.002 },
        storage: { amount: 580, price: 0.00005 },
      },
      status: {
        listed: true,
        online: true,
        report: 'https://monitor.m.tensordock.com/report/uptime/12c94b1b3c8471877d59005b08eb693e/',
        uptime: 0.9999,
      },
    },
  },
  success: true,
};

export const DEPLOYED = {
  cost: { compute_price: 0.238, storage_price: 0.005, total_price: 0.243 },
  execution_id: 1689,
  ip: 'mass-a.tensordockmarketplace.com',
  port_forwards: { '30117': '80', '30118': '22' },
  server: '65e7edca-888a-4e66-a975-2c6cd4cd218b',
  success: true,
};

const KRAKOW = {
  city: 'Kraków',
  compute_price: '0.364000',
  cost: 0.364,
  country: 'Poland',
  cpu_threadscount: 4,
  dedicated_ip_address: null,
  default_user: 'user',
  hostname: '10873ec1-b418-4c14-871e-37b658bd0d42',
  hostnode: 'c9c1c82e-2162-4d4c-ac10-6bb777788d2e',
  ip_address: '139.28.40.249',
  location: 'b8a4dbc1-6961-4a5f-b4a3-e982681c21c7',
  name: '4090 Server',
  operating_system: 'Ubuntu 22.04 LTS',
  port_forwards: { '50604': '22', '50605': '3389', '50606': '8888' },
  specs: {
    gpu: { amount: 1, type: 'geforcertx4090-pcie-24gb' },
    ram: 16,
    storage: 80,
    vcpus: 4,
  },
  state: 'Małopolska',
  status: 'Running',
  storage_price: '0.020000',
  timestamp_creation: 'Thu, 06 Jun 2024 19:45:29 GMT',
  total_price: '0.384000',
  type: 'ondem',
};

const AUSTIN = {
  city: 'Austin',
  compute_price: '0.274000',
  cost: 0.274,
  country: 'United States',
  cpu_threadscount: 4,
  dedicated_ip_address: null,
  default_user: 'user',
  hostname: 'b50a812f-8835-4baf-be98-a52b141353bf',
  hostnode: 'c4e969a4-e3d1-4716-b966-116a16661685',
  ip_address: '104.202.252.50',
  location: '16c575f6-1d9c-4e7c-856b-613f3281317f',
  name: 'My Gaming Server',
  operating_system: 'Windows 10',
  port_forwards: { '47900': '22', '47901': '3389', '47902': '8888' },
  specs: {
    gpu: { amount: 1, type: 'geforcertx3090-pcie-24gb' },
    ram: 8,
    storage: 100,
    vcpus: 4,
  },
  state: 'Texas',
  status: 'StoppedDisassociated',
  storage_price: '0.008000',
  timestamp_creation: 'Thu, 06 Jun 2024 19:46:24 GMT',
  total_price: '0.282000',
  type: 'ondem',
};

export const MACHINES = {
  success: true,
  virtualmachines: {
    '10873ec1-b418-4c14-871e-37b658bd0d42': KRAKOW,
    'b50a812f-8835-4baf-be98-a52b141353bf': AUSTIN,
  },
};

export const SINGLE = {
  success: true,
  virtualmachine: {
    cost: 0.1,
    hostname: '217.79.242.232',
    hostnode: '8db2ec46-c094-4262-bc7e-6c76617f4237',
    location: 'd52421f8-b264-440f-b9fb-78e05f2af72f',
    name: 'test',
    operating_system: 'Ubuntu 22.04 LTS',
    port_forwards: { '60098': '22' },
    specs: {
      gpu: { amount: 8, type: 'v100-pcie-16gb' },
      ram: 8,
      storage: 100,
      vcpus: 16,
    },
    status: 'Outbid',
    timestamp_creation: 'Sun, 21 May 2023 16:18:35 GMT',
    type: 'spot',
  },
};

export const DELETED = { success: true };

export const BALANCE = { balance: 999.987, hourly_cost: 0.856, success: true };

type Json = Readonly<Record<string, unknown>>;

export function machine(overrides: Json = {}): Json {
  return { ...KRAKOW, ...overrides };
}

/** One hostnode like the documented one, with parts of it replaced. */
export function hostnodes(overrides: Json = {}): Json {
  return {
    success: true,
    hostnodes: { [WINNIPEG]: { ...HOSTNODES.hostnodes[WINNIPEG], ...overrides } },
  };
}

/** The documented month with what it shows as payouts to a host turned into the same machine's expenses. */
export const SUMMARY = {
  bill_period: { endM: '03', endY: '2024', startM: '02', startY: '2024' },
  changes: { expenses: '549.73', payouts: '9304.01' },
  final_balance: '929.41',
  transactions: {
    deposits: [],
    storage_expenses: [
      {
        billing_period_end: '03/01',
        billing_period_start: '02/01',
        hostnode_id: '2f0b8e32-b3e9-44ca-b3ca-8afa4c1320bf',
        rate_hourly: 0.01,
        storage_amount: 200,
        total_amount: 5.42,
        virtual_machine_id: DEPLOYED.server,
      },
    ],
    storage_payouts: [],
    vm_expenses: [
      {
        billing_period_end: '03/01',
        billing_period_start: '02/01',
        gpu_details: '1x L40 48 GB',
        hostnode_id: '2f0b8e32-b3e9-44ca-b3ca-8afa4c1320bf',
        rate_hourly: 1.56,
        total_amount: 544.312,
        virtual_machine_id: DEPLOYED.server,
      },
    ],
    vm_payouts: [{ total_amount: 9304.01, virtual_machine_id: 'd7e95e9c' }],
    withdrawals: [],
  },
};

export const INSTANT_UUID = '04df99e1-9242-416c-88f5-16bb65bb1342';

const DALLAS = {
  city: 'Dallas',
  country: 'United States',
  cpu_count: 22,
  cpu_model: 'Intel Xeon Platinum 8470',
  dc_name: 'Evoque',
  dc_tier: 3,
  gpu_count: [1],
  gpu_model: ['h100-sxm5-80gb'],
  hostnode: '303d61a5-53a0-46b4-bee0-3bb1cbf29039',
  location: 'a3111bd4-550a-47d0-838a-0a52bff2ae3f',
  preconfig_id: '583ac5b9-ee88-4e0c-91ba-d8cf6061ba19',
  price: {
    compute_price: '3.500000',
    gpu_price: '2.920000',
    price: '3.650000',
    ram_price: '0.448000',
    storage_price: '0.150000',
    vcpus_price: '0.132000',
  },
  ram: 112,
  stateprovince: 'Texas',
  storage: 1500,
  uptime: '0.9999',
  uuid: INSTANT_UUID,
};

/** The documented Instant VM with parts of it replaced. */
export function instantVms(overrides: Json = {}): Json {
  return { success: true, virtual_machines: { [INSTANT_UUID]: { ...DALLAS, ...overrides } } };
}
