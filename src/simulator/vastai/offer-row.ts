import type { SimHost, SimMs } from '../model.ts';
import type { Ask } from './asks.ts';
import { machineRow } from './hardware-row.ts';
import type { Row } from './wire.ts';

/** Storage is priced by the month of 30 days (§6.3). */
const HOURS_PER_MONTH = 720;

export interface Pricing {
  readonly rental: 'on-demand' | 'bid';
  /** GB that the prices include. */
  readonly allocatedGb: number;
  readonly now: SimMs;
}

/** An ask as a search shows it (§6.1), priced for the disk that was asked for. */
export function offerRow(ask: Ask, pricing: Pricing): Row {
  const { host, gpuCount } = ask;
  return {
    id: ask.id,
    ask_contract_id: ask.id,
    bundled_results: 1,
    ...machineRow(host, gpuCount, ask.traffic),
    ...benchmarkRow(ask, pricing),
    ...priceRow(ask, pricing),
    gpu_total_ram: host.gpu.vramMb * gpuCount,
    gpu_ids: Array.from({ length: gpuCount }, (_, index) => index),
    gpu_display_active: false,
    disk_name: 'nvme',
    disk_space: ask.freeDiskGb,
    disk_bw: 2_000,
    public_ipaddr: host.publicIp,
    geolocode: geolocode(host.countryCode),
    hostname: null,
    reliability: host.reliability,
    reliability_mult: host.reliability,
    expected_reliability: host.reliability,
    vericode: host.verified ? 1 : 0,
    rentable: ask.isFree,
    rented: !ask.isFree,
    is_bid: pricing.rental === 'bid',
    vms_enabled: false,
    resource_type: 'gpu',
    cluster_id: null,
    start_date: null,
    duration: (host.offeredUntil - pricing.now) / 1_000,
    time_remaining: '',
  };
}

/** $/h for the GPUs of the whole offer. Exact to the micro-dollar, as the rates are. */
export function gpuPrice(host: SimHost, gpuCount: number): number {
  return toMicro(host.rates.gpuHour * gpuCount);
}

/** $/h below which a bid for the whole offer does not win. */
export function leastBid(host: SimHost, gpuCount: number): number {
  return toMicro(host.rates.minBid * gpuCount);
}

function priceRow(ask: Ask, pricing: Pricing): Row {
  const base =
    pricing.rental === 'bid' ? leastBid(ask.host, ask.gpuCount) : gpuPrice(ask.host, ask.gpuCount);
  const diskHour = (pricing.allocatedGb * ask.host.rates.storage) / HOURS_PER_MONTH;
  return {
    dph_base: base,
    dph_total: base + diskHour,
    min_bid: leastBid(ask.host, ask.gpuCount),
    storage_total_cost: diskHour,
    search: breakdown(base, diskHour),
    instance: breakdown(0, diskHour),
    discount_rate: null,
    discounted_hourly: 0,
    discounted_dph_total: base + diskHour,
    credit_discount_max: 0.4,
  };
}

/** The hourly price by part, as offers and instances both show it. */
export function breakdown(gpuCostPerHour: number, diskHour: number): Row {
  const totalHour = gpuCostPerHour + diskHour;
  return {
    gpuCostPerHour,
    diskHour,
    totalHour,
    discountTotalHour: 0,
    discountedTotalPerHour: totalHour,
  };
}

/** A score that grows with the card and falls with the price, so that the default order means something. */
function benchmarkRow(ask: Ask, pricing: Pricing): Row {
  const speed = (ask.host.gpu.vramMb / 1_024) * (ask.host.gpu.computeCap / 100) * ask.gpuCount;
  const price = gpuPrice(ask.host, ask.gpuCount);
  return {
    dlperf: speed,
    dlperf_per_dphtotal: speed / price,
    score: (speed / price) * ask.host.reliability * (pricing.rental === 'bid' ? 0.9 : 1),
  };
}

function geolocode(countryCode: string): number {
  return [...countryCode].reduce((hash, letter) => hash * 31 + (letter.codePointAt(0) ?? 0), 7);
}

function toMicro(dollars: number): number {
  return Math.round(dollars * 1_000_000) / 1_000_000;
}
