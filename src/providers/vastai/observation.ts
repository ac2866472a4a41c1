import { Value } from '@sinclair/typebox/value';
import type { ProviderInstanceId } from '../../domain/ids.ts';
import type { InstancePhase, Observation, SshAddress } from '../../domain/instance.ts';
import { microUsd } from '../../domain/money.ts';
import type { Price } from '../../domain/offer.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../../domain/time.ts';
import { isPlausibleUsd } from '../plausible-usd.ts';
import { present } from '../present.ts';
import { endpointAt, openPortsOf, publishedPort, SSH_PORT } from './open-ports.ts';
import { phaseOf } from './phase.ts';
import { isImageMissing } from './start-failures.ts';
import { stopFacts } from './stop-facts.ts';
import { InstanceRow, InstanceStub } from './wire.ts';

/** What a reading of instances needs beside the rows. */
export interface Reading {
  readonly now: EpochMs;
  /** When we last had this contract started again, as far as is remembered. */
  readonly startedAt: (id: ProviderInstanceId) => EpochMs | undefined;
  /** Cuts credentials out of the provider's texts and caps them. */
  readonly redact: (text: string) => string;
}

/** Status texts are for a person to read at a glance. */
const MAX_REASON_LENGTH = 200;

/**
 * An instance as this row shows it. A row that makes no sense but for its id and label says that the instance exists and no
 * more; undefined when not even those can be read, because then nobody could say whether it is ours.
 */
export function observationOf(row: unknown, reading: Reading): Observation | undefined {
  if (Value.Check(InstanceRow, row)) return readInstance(row, reading);
  if (!Value.Check(InstanceStub, row)) return undefined;
  return { ...identityOf(row), phase: 'unknown', reason: 'the provider sent an unreadable state' };
}

/** Seconds; in the year 2286. What is later is no date. */
const MAX_START_DATE = 10_000_000_000;

function readInstance(row: InstanceRow, reading: Reading): Observation {
  const createdAt =
    typeof row.start_date === 'number' && row.start_date > 0 && row.start_date < MAX_START_DATE
      ? Math.round(row.start_date * SECOND_MS)
      : undefined;
  const phase = phaseOf({
    actual: row.actual_status ?? null,
    intended: row.intended_status ?? null,
    current: row.cur_state ?? null,
    next: row.next_state ?? null,
    message: row.status_msg ?? '',
    ageMs: ageOf(row, reading, createdAt),
  });
  return {
    ...identityOf(row),
    phase,
    ...present({
      reason: reasonOf(row, { phase, redact: reading.redact }),
      address: phase === 'running' ? addressOf(row) : undefined,
      openPorts: phase === 'running' ? openPortsOf(row) : undefined,
      createdAt,
      runningSince: phase === 'running' ? runningSince(row, reading.now, createdAt) : undefined,
      interruptible: row.is_bid ?? undefined,
    }),
    // Only where the state says that it does not come up: the text outlives the state that it was written in.
    ...(phase === 'failed' && isImageMissing(row.status_msg ?? '') ? { isOrderBad: true } : {}),
    ...stopFacts(row, { phase, now: reading.now }),
    ...priceOf(row, phase),
  };
}

function ageOf(
  row: InstanceRow,
  { now, startedAt }: Reading,
  createdAt: EpochMs | undefined,
): number | undefined {
  const since = Math.max(createdAt ?? 0, startedAt(String(row.id)) ?? 0);
  return since === 0 ? undefined : now - since;
}

function identityOf(row: InstanceStub): Pick<Observation, 'id' | 'tag'> {
  return { id: String(row.id), tag: row.label ?? undefined };
}

/** A host that is not heard of, or a machine that was stopped, still has the text of when all was well. */
function reasonOf(
  row: InstanceRow,
  { phase, redact }: Pick<Reading, 'redact'> & { readonly phase: InstancePhase },
): string | undefined {
  if (phase === 'unknown' && row.actual_status === 'offline') return 'its host is offline';
  if (phase === 'unknown' && row.actual_status === 'unknown') return 'its host is not heard of';
  const text = (row.status_msg ?? '').replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const isStale = phase !== 'running' && /^success\b/i.test(text);
  return text === '' || isStale ? undefined : redact(text).slice(0, MAX_REASON_LENGTH);
}

/** Direct where port 22 is mapped, else through the marketplace's proxy. Only root has an account. */
function addressOf(row: InstanceRow): SshAddress | undefined {
  const endpoint =
    endpointAt(row.public_ipaddr, publishedPort(row.ports, SSH_PORT)) ??
    endpointAt(row.ssh_host, proxyPort(row));
  return endpoint && { ...endpoint, user: 'root' };
}

/**
 * With Jupyter the proxy listens for SSH one port higher. A container that runs its own entrypoint has no login behind the
 * proxy, although the row names one.
 */
function proxyPort(row: InstanceRow): number | undefined {
  if (typeof row.ssh_port !== 'number' || row.image_runtype === 'args') return undefined;
  return row.image_runtype?.includes('jupyter') ? row.ssh_port + 1 : row.ssh_port;
}

/** The provider counts minutes of uptime; they cannot reach back behind the contract's start. */
function runningSince(row: InstanceRow, now: EpochMs, createdAt = 0): EpochMs | undefined {
  const minutes = row.uptime_mins;
  if (typeof minutes !== 'number' || minutes < 0) return undefined;
  return Math.max(Math.round(now - minutes * MINUTE_MS), Math.min(createdAt, now));
}

/**
 * The contract's own price. While it runs, the breakdown of what it burns is the bill, as long as it adds up; at other times
 * the breakdown's GPU is 0, which is not the price that it will run at. What the other fields say of a bid's contract
 * that does not run is not documented: the price agreed stands until it does.
 */
function priceOf(
  row: InstanceRow,
  phase: InstancePhase,
): Pick<Observation, 'price' | 'totalPerHour'> {
  if (phase !== 'running' && row.is_bid === true) return {};
  const burning = phase === 'running' ? burningPrice(row) : undefined;
  const price = burning ?? partsPrice(row.dph_base, row.storage_total_cost ?? diskRest(row));
  if (price) return { price };
  return typeof row.dph_total === 'number' && row.dph_total > 0 && isPlausibleUsd(row.dph_total)
    ? { totalPerHour: microUsd(row.dph_total) }
    : {};
}

function burningPrice(row: InstanceRow): Price | undefined {
  const { gpuCostPerHour, diskHour, totalHour } = row.instance ?? {};
  const price = partsPrice(gpuCostPerHour, diskHour);
  if (!price || price.gpu === 0 || typeof totalHour !== 'number') return undefined;
  return Math.abs(price.gpu + price.disk - microUsd(totalHour)) <= ROUNDING_MICRO_USD
    ? price
    : undefined;
}

/** A hundredth of a cent an hour: what rounding on both sides may come to. */
const ROUNDING_MICRO_USD = 100;

function diskRest(row: InstanceRow): number | undefined {
  return typeof row.dph_total === 'number' && typeof row.dph_base === 'number'
    ? row.dph_total - row.dph_base
    : undefined;
}

function partsPrice(gpuUsd: number | null | undefined, diskUsd: number | null | undefined) {
  if (typeof gpuUsd !== 'number' || typeof diskUsd !== 'number') return undefined;
  if (gpuUsd < 0 || diskUsd < 0) return undefined;
  if (!isPlausibleUsd(gpuUsd) || !isPlausibleUsd(diskUsd)) return undefined;
  return { gpu: microUsd(gpuUsd), cpu: 0, ram: 0, disk: microUsd(diskUsd) };
}
