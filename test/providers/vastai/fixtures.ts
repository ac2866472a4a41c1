import nock from 'nock';
import { ProviderFailure } from '../../../src/domain/errors.ts';
import type { Offer } from '../../../src/domain/offer.ts';
import type { LaunchOrder, Provider } from '../../../src/ports/provider.ts';
import { createVastaiProvider } from '../../../src/providers/vastai/provider.ts';
import { wireFetchOver } from '../../../src/providers/wire-fetch.ts';
import { type ManualClock, manualClock } from '../../support/manual-clock.ts';
import { type RecordingRecorder, recordingRecorder } from '../../support/recording-recorder.ts';

export const BASE_URL = 'https://console.vast.test';
export const API_KEY = '5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a5f0c9e0a';
export const NOW = Date.UTC(2026, 9, 3, 12);
export const TAG = 'gpub-test01-0000000000000001-1';
export const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHrsA10r4tEAV9cfL6bXjHmyA1cG6RfkEwUeG7nq9bUi s';

export interface World {
  readonly provider: Provider;
  readonly clock: ManualClock;
  readonly recorder: RecordingRecorder;
}

/** The adapter over the real global fetch. Rate limits pass by themselves, deadlines of 30 s and more wait for the test. */
export function vastaiWorld(config: { readonly image?: string } = {}): World {
  const clock = manualClock({ startAt: NOW, leapUpToMs: 25_000 });
  const recorder = recordingRecorder();
  const parts = { fetch: wireFetchOver(fetch), clock, recorder };
  const provider = createVastaiProvider(parts, { apiKey: API_KEY, baseUrl: BASE_URL, ...config });
  return { provider, clock, recorder };
}

export function wire(): nock.Scope {
  return nock(BASE_URL, { reqheaders: { authorization: `Bearer ${API_KEY}` } });
}

export async function failureOf(promise: Promise<unknown>): Promise<ProviderFailure> {
  const error = await promise.then(
    (value) => new Error(`expected a failure, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderFailure) return error;
  throw error;
}

/** A listed offer, as section 6.1 of the fact sheet shows it. */
export function offerRow(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    id: 30112233,
    ask_contract_id: 30112233,
    bundle_id: 880011,
    bundled_results: 1,
    machine_id: 41234,
    host_id: 90871,
    hosting_type: 0,
    external: null,
    gpu_name: 'RTX 4090',
    num_gpus: 2,
    gpu_ram: 24564,
    gpu_total_ram: 49128,
    gpu_frac: 0.5,
    gpu_arch: 'nvidia',
    compute_cap: 890,
    cuda_max_good: 12.8,
    driver_version: '570.86.15',
    cpu_name: 'AMD EPYC 7443 24-Core Processor',
    cpu_cores: 96,
    cpu_cores_effective: 48.0,
    cpu_ram: 257654,
    disk_space: 812.4,
    inet_down: 812.7,
    inet_up: 765.1,
    direct_port_count: 124,
    static_ip: true,
    public_ipaddr: '198.51.100.23',
    geolocation: 'Quebec, CA',
    dph_base: 0.72,
    dph_total: 0.7325,
    min_bid: 0.31,
    storage_cost: 0.15,
    storage_total_cost: 0.0125,
    search: { gpuCostPerHour: 0.72, diskHour: 0.0125, totalHour: 0.7325 },
    discount_rate: null,
    reliability: 0.9962,
    reliability2: 0.9962,
    verification: 'verified',
    rentable: true,
    rented: false,
    is_bid: false,
    start_date: 1790000000.0,
    end_date: 1797776000.0,
    duration: 6912000.0,
    ...overrides,
  };
}

/** A rented instance, as section 8.4 of the fact sheet shows it, two hours old. */
export function instanceRow(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    id: 54540011,
    machine_id: 41234,
    actual_status: 'running',
    intended_status: 'running',
    cur_state: 'running',
    next_state: 'running',
    status_msg: 'success, running pytorch/pytorch_2.7.0-cuda12.8-cudnn9-runtime/ssh',
    label: TAG,
    image_uuid: 'pytorch/pytorch:2.7.0-cuda12.8-cudnn9-runtime',
    image_args: [],
    image_runtype: 'ssh_direc ssh_proxy',
    extra_env: [['BROKER_SESSION', 'secret-value']],
    onstart: 'env >> /etc/environment; touch ~/.no_auto_tmux',
    jupyter_token: 'secret-token',
    ssh_host: 'ssh5.vast.ai',
    ssh_port: 20010,
    ssh_idx: '5',
    public_ipaddr: '198.51.100.23',
    ports: {
      '22/tcp': [
        { HostIp: '0.0.0.0', HostPort: '41022' },
        { HostIp: '::', HostPort: '41022' },
      ],
      '8000/tcp': [{ HostIp: '0.0.0.0', HostPort: '41077' }],
    },
    gpu_name: 'RTX 4090',
    num_gpus: 2,
    is_bid: false,
    min_bid: 0.31,
    dph_base: 0.72,
    dph_total: 0.7325,
    storage_cost: 0.15,
    storage_total_cost: 0.0125,
    search: { gpuCostPerHour: 0.72, diskHour: 0.0125, totalHour: 0.7325 },
    instance: { gpuCostPerHour: 0.72, diskHour: 0.0125, totalHour: 0.7325 },
    start_date: (NOW - 7_200_000) / 1_000,
    end_date: 1797776000.0,
    duration: 6776000.0,
    uptime_mins: 12.4,
    geolocation: 'Quebec, CA',
    country_code: null,
    volume_info: [],
    external: false,
    ...overrides,
  };
}

export function offer(overrides: Partial<Offer> = {}): Offer {
  return {
    id: 'vastai-30112233',
    provider: 'vastai',
    api: 'vastai',
    providerId: '30112233',
    gpuType: 'RTX 4090',
    gpuCount: 2,
    vramGb: 24,
    price: { gpu: 720_000, cpu: 0, ram: 0, disk: 10_417 },
    diskMicroUsdPerGbHour: 150_000 / 720,
    includedDiskGb: 50,
    minDiskGb: 8,
    location: 'Quebec, CA',
    country: 'CA',
    reliability: 0.99,
    available: true,
    availabilityConfidence: 0.6,
    maxDurationHours: 1_920,
    fetchedAt: NOW,
    cudaVersion: '12.8',
    interruptible: false,
    adapterData: { askId: 30112233 },
    ...overrides,
  };
}

export function order(overrides: Partial<LaunchOrder> = {}): LaunchOrder {
  const workload = { kind: 'ssh' } as const;
  return { tag: TAG, offer: offer(), diskGb: 60, publicKey: PUBLIC_KEY, workload, ...overrides };
}

/** Nothing is dialled in these tests: what is not stubbed fails. */
export function sealNetwork(): void {
  nock.disableNetConnect();
}

export function unsealNetwork(): void {
  nock.cleanAll();
  nock.enableNetConnect();
}
