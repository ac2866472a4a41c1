import type { Selectable } from 'kysely';
import type { CostEntry } from '../domain/cost-entry.ts';
import type { Instance } from '../domain/instance.ts';
import { type Nulls, withNulls, withoutNulls } from './absent.ts';
import { parseMachine, parseMismatches, parseOffer } from './stored-json.ts';
import type { CostEntryTable, InstanceTable, PlainInstanceFields } from './tables.ts';

const NULLS: Nulls<PlainInstanceFields> = {
  providerInstanceId: null,
  hostKey: null,
  hostKeyChangedAt: null,
  loginLostAt: null,
  unreachableAt: null,
  bidPerHour: null,
  settleBy: null,
  launchedAt: null,
  firstSeenAt: null,
  accessGrantedAt: null,
  runningAt: null,
  preservedAt: null,
  resumedAt: null,
  troubledAt: null,
  terminateAskedAt: null,
  notBefore: null,
  goneAt: null,
};

export function toInstanceRow(instance: Instance, place: number): InstanceTable {
  const { offer, address, endpoint, machine, mismatches, ...withPrice } = instance;
  const { price, failure, costs: _, ...plain } = withPrice;
  return {
    ...withNulls<PlainInstanceFields>(NULLS, plain),
    place,
    offer: JSON.stringify(offer),
    gpuType: offer.gpuType,
    sshHost: address?.host ?? null,
    sshPort: address?.port ?? null,
    sshUser: address?.user ?? null,
    endpointHost: endpoint?.host ?? null,
    endpointPort: endpoint?.port ?? null,
    machine: machine === undefined ? null : JSON.stringify(machine),
    mismatches: mismatches === undefined ? null : JSON.stringify(mismatches),
    priceGpu: price.gpu,
    priceCpu: price.cpu,
    priceRam: price.ram,
    priceDisk: price.disk,
    failureCode: failure?.code ?? null,
    failureMessage: failure?.message ?? null,
  };
}

export function toInstance(row: Selectable<InstanceTable>, costs: readonly CostEntry[]): Instance {
  const { place: _p, gpuType: _g, offer, sshHost, sshPort, sshUser, ...withPrice } = row;
  const { endpointHost, endpointPort, machine, mismatches, ...withParts } = withPrice;
  const { priceGpu, priceCpu, priceRam, priceDisk, ...withFailure } = withParts;
  const { failureCode, failureMessage, ...plain } = withFailure;
  return {
    ...withoutNulls(plain),
    offer: parseOffer(offer),
    ...(sshHost !== null && {
      address: { host: sshHost, port: sshPort ?? 0, user: sshUser ?? '' },
    }),
    ...(endpointHost !== null && { endpoint: { host: endpointHost, port: endpointPort ?? 0 } }),
    ...(machine !== null && { machine: parseMachine(machine) }),
    ...(mismatches !== null && { mismatches: parseMismatches(mismatches) }),
    price: { gpu: priceGpu, cpu: priceCpu, ram: priceRam, disk: priceDisk },
    ...(failureCode !== null && {
      failure: { code: failureCode, message: failureMessage ?? '' },
    }),
    costs,
  };
}

export function toCostRows(instance: Instance, place: number): readonly CostEntryTable[] {
  return instance.costs.map((line, seq) => ({
    ...withNulls<CostEntry>({ endedAt: null }, line),
    sessionId: instance.sessionId,
    place,
    seq,
  }));
}

export function toCostEntry(row: Selectable<CostEntryTable>): CostEntry {
  const { sessionId: _s, place: _p, seq: _n, ...line } = row;
  return withoutNulls(line);
}
