import { countryOf } from '../../domain/location.ts';
import type { OfferFacts } from '../../domain/offer.ts';
import type { OfferRow } from './wire.ts';

type Fact = OfferFacts[string];
type NamedFact = readonly [name: string, fact: Fact];

/**
 * Columns of an offer that searches, and with them templates, can name (docs and tool, Aug 2026), in the marketplace's own
 * units: MB, seconds, MB/s, Mb/s. Left out on purpose: `id`, which matches nothing in a search, `external`, which the server
 * no longer heeds, and `rented`, which does not mean what it says.
 */
const COLUMNS = [
  ...['ask_contract_id', 'bundle_id', 'bundled_results', 'machine_id', 'host_id', 'hosting_type'],
  ...['gpu_name', 'num_gpus', 'gpu_ram', 'gpu_frac', 'gpu_arch', 'compute_cap'],
  ...['cuda_max_good', 'driver_vers', 'gpu_lanes', 'gpu_mem_bw', 'gpu_max_power'],
  ...['gpu_max_temp', 'gpu_display_active', 'bw_nvlink', 'pci_gen', 'pcie_bw', 'cpu_name'],
  ...['cpu_arch', 'cpu_cores', 'cpu_cores_effective', 'cpu_ghz', 'cpu_ram', 'has_avx', 'mobo_name'],
  ...['os_version', 'disk_name', 'disk_space', 'disk_bw', 'inet_down', 'inet_up', 'inet_down_cost'],
  ...['inet_up_cost', 'direct_port_count', 'static_ip', 'public_ipaddr', 'dph_base', 'dph_total'],
  ...['min_bid', 'storage_cost', 'storage_total_cost', 'discount_rate', 'dlperf'],
  ...['dlperf_per_dphtotal', 'total_flops', 'flops_per_dphtotal', 'score', 'vram_costperhour'],
  ...['reliability_mult', 'expected_reliability', 'verification'],
  ...['vericode', 'rentable', 'is_bid', 'vms_enabled', 'resource_type', 'cluster_id', 'start_date'],
  ...['end_date', 'duration'],
] as const;

/** Texts of a host's own making are cut: a board's name is not worth a page of memory. */
const MAX_TEXT_CHARS = 100;
const MB_PER_GB = 1_000;

/** What the marketplace says of an offer, under every name that a filter may use. What it does not say is left out. */
export function factsOf(row: OfferRow): OfferFacts {
  const stored = COLUMNS.map((name): NamedFact => [name, factAt(row, name)]);
  const facts = [...stored, ...computedFacts(row)];
  return Object.fromEntries(facts.filter(([, fact]) => fact !== null));
}

/** Names that no row has, and those whose value in a row is not what a search by them means. */
function computedFacts(row: OfferRow): readonly NamedFact[] {
  const reliability = row.reliability2 ?? row.reliability ?? null;
  const totalMb = numberAt(row, 'gpu_total_ram') ?? row.gpu_ram * row.num_gpus;
  const country = countryOf(row.geolocation ?? '');
  const hosting = numberAt(row, 'hosting_type');
  return [
    // Only country codes are searched for; the row has region and country in one text.
    ['geolocation', country === '' ? null : country],
    ['datacenter', hosting === null ? null : hosting >= 1],
    ['verified', (row.verification ?? 'verified') === 'verified'],
    // Drivers are compared as the integer that the server compares; the reading of versions turns the text into it.
    ['driver_version', textAt(row, 'driver_version') ?? numberAt(row, 'driver_vers')],
    ['reliability', reliability],
    ['reliability2', reliability],
    ['target_reliability', numberAt(row, 'expected_reliability') ?? reliability],
    ['gpu_total_ram', totalMb],
    ['gpu_totalram', totalMb],
    ['gpu_ram_GB', row.gpu_ram / MB_PER_GB],
    ['gpu_totalram_GB', totalMb / MB_PER_GB],
    [
      'cpu_ram_GB',
      row.cpu_ram === null || row.cpu_ram === undefined ? null : row.cpu_ram / MB_PER_GB,
    ],
    ['dphtotal', row.dph_total ?? null],
    ['ubuntu_version', textAt(row, 'os_version')],
    ['allocated_storage', row.disk_space ?? null],
  ];
}

function factAt(row: Readonly<Record<string, unknown>>, name: string): Fact {
  const value = row[name];
  if (typeof value === 'string') return value.trim().slice(0, MAX_TEXT_CHARS);
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function numberAt(row: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = row[name];
  return typeof value === 'number' ? value : null;
}

function textAt(row: Readonly<Record<string, unknown>>, name: string): string | null {
  const fact = factAt(row, name);
  return typeof fact === 'string' ? fact : null;
}
