// Answers as the public documents of both APIs print them: v0's Postman collection (2s8YzMYRDc) and v2's page on
// locations and hostnodes. Lists are cut to what shows their shape.

export const HOSTNODES: unknown = {
  hostnodes: {
    '02c65d45-6da5-4232-a8db-ee0e5bc76110': {
      location: {
        city: 'Winnipeg',
        country: 'Canada',
        dc: null,
        id: '50cf200c-be1b-4983-a316-369d2eea10ec',
        region: 'Manitoba',
      },
      networking: {
        ports: [20013, 20012],
        receive: 1000,
        send: 1000,
      },
      specs: {
        cpu: {
          amount: 26,
          price: 0.003,
          type: 'AMD Ryzen 9 5950X',
        },
        gpu: {
          'geforcertx3080-pcie-10gb': {
            amount: 1,
            price: 0.15,
          },
        },
        ram: {
          amount: 100,
          price: 0.002,
        },
        storage: {
          amount: 580,
          price: 5e-5,
        },
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

export const HOSTNODE: unknown = {
  success: true,
  '02c65d45-6da5-4232-a8db-ee0e5bc76110': {
    location: {
      city: 'Winnipeg',
      country: 'Canada',
      dc: null,
      id: '50cf200c-be1b-4983-a316-369d2eea10ec',
      region: 'Manitoba',
    },
    networking: {
      ports: [20013, 20012],
      receive: 1000,
      send: 1000,
    },
    specs: {
      cpu: {
        amount: 26,
        price: 0.003,
        type: 'AMD Ryzen 9 5950X',
      },
      gpu: {
        'geforcertx3080-pcie-10gb': {
          amount: 1,
          price: 0.15,
        },
      },
      ram: {
        amount: 100,
        price: 0.002,
      },
      storage: {
        amount: 580,
        price: 5e-5,
      },
    },
    status: {
      listed: true,
      online: true,
      report: 'https://monitor.m.tensordock.com/report/uptime/12c94b1b3c8471877d59005b08eb693e/',
      uptime: 0.9999,
    },
  },
};

export const DEPLOYED: unknown = {
  cost: {
    compute_price: 0.238,
    storage_price: 0.005,
    total_price: 0.243,
  },
  execution_id: 1689,
  ip: 'mass-a.tensordockmarketplace.com',
  port_forwards: {
    '30117': '80',
    '30118': '22',
  },
  server: '65e7edca-888a-4e66-a975-2c6cd4cd218b',
  success: true,
};

export const MACHINES: unknown = {
  success: true,
  virtualmachines: {
    '10873ec1-b418-4c14-871e-37b658bd0d42': {
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
      port_forwards: {
        '50604': '22',
        '50605': '3389',
        '50606': '8888',
      },
      specs: {
        gpu: {
          amount: 1,
          type: 'geforcertx4090-pcie-24gb',
        },
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
    },
    'b50a812f-8835-4baf-be98-a52b141353bf': {
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
      port_forwards: {
        '47900': '22',
        '47901': '3389',
        '47902': '8888',
      },
      specs: {
        gpu: {
          amount: 1,
          type: 'geforcertx3090-pcie-24gb',
        },
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
    },
  },
};

export const MACHINE: unknown = {
  success: true,
  virtualmachine: {
    cost: 0.1,
    hostname: '217.79.242.232',
    hostnode: '8db2ec46-c094-4262-bc7e-6c76617f4237',
    location: 'd52421f8-b264-440f-b9fb-78e05f2af72f',
    name: 'test',
    operating_system: 'Ubuntu 22.04 LTS',
    port_forwards: {
      '60098': '22',
    },
    specs: {
      gpu: {
        amount: 8,
        type: 'v100-pcie-16gb',
      },
      ram: 8,
      storage: 100,
      vcpus: 16,
    },
    status: 'Outbid',
    timestamp_creation: 'Sun, 21 May 2023 16:18:35 GMT',
    type: 'spot',
  },
};

export const INSTANT_VMS: unknown = {
  preconfig_options: [
    {
      cpu_count: 208,
      gpu_count: [8],
      gpu_model: ['h100-sxm5-80gb'],
      operating_system: 'Ubuntu 22.04 LTS',
      ram: 906,
      storage: 12000,
      uuid: 'd9e19f66-210a-47ea-b8dc-4c60f6e239db',
    },
    {
      cpu_count: 22,
      gpu_count: [1],
      gpu_model: ['h100-sxm5-80gb'],
      operating_system: 'Ubuntu 22.04 LTS',
      ram: 112,
      storage: 1500,
      uuid: '583ac5b9-ee88-4e0c-91ba-d8cf6061ba19',
    },
  ],
  success: true,
  virtual_machines: {
    '04df99e1-9242-416c-88f5-16bb65bb1342': {
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
      uuid: '04df99e1-9242-416c-88f5-16bb65bb1342',
    },
  },
};

export const INSTANT_DEPLOYED: unknown = {
  success: true,
  vm: '4376e897-23d0-4fa9-9ded-b87d978370fa',
};

export const BALANCE: unknown = {
  balance: 999.987,
  hourly_cost: 0.856,
  success: true,
};

export const SUMMARY: unknown = {
  bill_period: {
    endM: '03',
    endY: '2024',
    startM: '02',
    startY: '2024',
  },
  changes: {
    expenses: '332.15',
    payouts: '9304.01',
  },
  final_balance: '929.41',
  organization_billing_address: null,
  organization_tax_id: '37-3294571',
  previous_balance: '1765.06',
  transactions: {
    deposits: [],
    storage_expenses: [],
    storage_payouts: [
      {
        billing_period_end: '03/01',
        billing_period_start: '02/01',
        hostnode_id: '2f0b8e32-b3e9-44ca-b3ca-8afa4c1320bf',
        rate_hourly: 0.01,
        storage_amount: 200,
        total_amount: 5.42,
        virtual_machine_id: 'd7e95e9c-9af2-43b0-a413-1141c97a9cc9',
      },
    ],
    vm_expenses: [],
    vm_payouts: [
      {
        billing_period_end: '03/01',
        billing_period_start: '02/01',
        gpu_details: '1x L40 48 GB',
        hostnode_id: '2f0b8e32-b3e9-44ca-b3ca-8afa4c1320bf',
        rate_hourly: 1.56,
        total_amount: 544.312,
        virtual_machine_id: 'd7e95e9c-9af2-43b0-a413-1141c97a9cc9',
      },
    ],
    withdrawals: [],
  },
};

export const V2_LOCATIONS: unknown = {
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
            resources: {
              max_vcpus: 128,
              max_ram_gb: 300,
              max_storage_gb: 1000,
            },
            pricing: {
              per_vcpu_hr: 0.003,
              per_gb_ram_hr: 0.002,
              per_gb_storage_hr: 5e-5,
            },
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
            resources: {
              max_vcpus: 32,
              max_ram_gb: 128,
              max_storage_gb: 2000,
            },
            pricing: {
              per_vcpu_hr: 0.003,
              per_gb_ram_hr: 0.002,
              per_gb_storage_hr: 5e-5,
            },
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

export const V2_HOSTNODES: unknown = {
  data: {
    hostnodes: [
      {
        id: 'hostnode-uuid',
        location_id: 'location-uuid',
        engine: 'Narwhal',
        uptime_percentage: 99.79,
        available_resources: {
          gpus: [
            {
              v0Name: 'h100-sxm5-80gb',
              availableCount: 8,
              price_per_hr: 2.2,
            },
          ],
          vcpu_count: 208,
          ram_gb: 990,
          storage_gb: 14780,
          has_public_ip_available: true,
        },
        pricing: {
          per_vcpu_hr: 0.0015,
          per_gb_ram_hr: 0.0007,
          per_gb_storage_hr: 5e-5,
        },
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
      },
    ],
  },
};

export const V2_HOSTNODE: unknown = {
  data: {
    id: 'hostnode-uuid',
    location_id: 'location-uuid',
    engine: 'Narwhal',
    uptime_percentage: 99.79,
    available_resources: {
      gpus: [
        {
          v0Name: 'h100-sxm5-80gb',
          availableCount: 8,
          price_per_hr: 2.2,
        },
      ],
      max_vcpus_per_gpu: 16,
      max_ram_per_gpu: 128,
      max_vcpus: 208,
      max_ram_gb: 990,
      max_storage_gb: 14780,
      available_ports: [20000, 20001, 20002, 20003, 20004, 20005, 20006, 20007, 20008, 20009],
      has_public_ip_available: true,
    },
    pricing: {
      per_vcpu_hr: 0.0015,
      per_gb_ram_hr: 0.0007,
      per_gb_storage_hr: 5e-5,
    },
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
  },
};
