import { expect, it } from 'vitest';
import type { OfferFacts } from '../../../src/domain/offer.ts';
import { meetsTemplate, parseTemplateFilter } from '../../../src/domain/template-filter.ts';
import { factsOf } from '../../../src/providers/vastai/offer-facts.ts';
import { offerRow } from './fixtures.ts';

function facts(overrides: Readonly<Record<string, unknown>> = {}): OfferFacts {
  const row = { ...offerRow(), driver_vers: 570_086_015, ...overrides };
  return factsOf(row);
}

function meets(filter: object, overrides: Readonly<Record<string, unknown>> = {}): boolean {
  const parsed = parseTemplateFilter(JSON.stringify(filter));
  if (parsed.kind === 'malformed') throw new Error(parsed.problem);
  return meetsTemplate(facts(overrides), parsed.kind === 'none' ? [] : parsed.conditions);
}

it('keeps what the row says in the units of the marketplace', () => {
  expect(facts()).toMatchObject({
    gpu_ram: 24_564,
    cpu_ram: 257_654,
    disk_space: 812.4,
    duration: 6_912_000,
    direct_port_count: 124,
    compute_cap: 890,
    static_ip: true,
  });
});

it('leaves out what the row does not say, and what a search by it does not mean', () => {
  const known = Object.keys(facts({ cpu_ghz: null }));
  for (const name of ['cpu_ghz', 'mobo_name', 'id', 'external', 'rented', 'search']) {
    expect(known).not.toContain(name);
  }
});

it.each([
  [{ geolocation: { in: ['DE', 'CA'] } }, true],
  [{ geolocation: { notin: ['CA'] } }, false],
  [{ verified: { eq: true } }, true],
  [{ verified: { eq: false } }, false],
  [{ datacenter: { eq: true } }, false],
  [{ gpu_ram_GB: { gte: 24 } }, true],
  [{ gpu_ram_GB: { gte: 25 } }, false],
  [{ gpu_total_ram: { gt: 49_000 } }, true],
  [{ gpu_totalram: { gt: 50_000 } }, false],
  [{ driver_version: { gte: '535.86.05' } }, true],
  [{ driver_version: { gte: 580_000_000 } }, false],
  [{ driver_vers: { gte: 570_000_000 } }, true],
  [{ reliability2: { gte: 0.99 } }, true],
  [{ target_reliability: { gte: 0.999 } }, false],
  [{ allocated_storage: { gte: 900 } }, false],
  [{ external: { eq: true } }, true],
  [{ rented: { eq: true } }, true],
])('answers %j with %s', (filter, expected) => {
  expect(meets(filter)).toBe(expected);
});

it('knows a datacenter by a hosting type of one and above', () => {
  expect(meets({ datacenter: { eq: true } }, { hosting_type: 2 })).toBe(true);
  expect(meets({ datacenter: { eq: true } }, { hosting_type: null })).toBe(true);
});

it('passes over a place that is not told', () => {
  expect(meets({ geolocation: { in: ['DE'] } }, { geolocation: null })).toBe(true);
});

it('reckons the memory of all GPUs where the row does not', () => {
  expect(facts({ gpu_total_ram: null })['gpu_total_ram']).toBe(49_128);
});

it('cuts long texts', () => {
  expect(facts({ mobo_name: 'x'.repeat(10_000) })['mobo_name']).toHaveLength(100);
});
