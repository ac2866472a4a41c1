import type { Span } from '../domain/money.ts';
import type { Policy } from '../domain/policy.ts';
import { DAY_MS, type EpochMs, utcDayStart } from '../domain/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Charge, Provider } from '../ports/provider.ts';
import type { Random } from '../ports/random.ts';
import type { Recorder } from '../ports/recorder.ts';
import type { EndedMachine, ReconciledCharge, Store } from '../ports/store.ts';
import { startAskingLoop } from '../runtime/asking-loop.ts';
import type { Loop } from '../runtime/loop.ts';
import type { ChargeBook } from './charge-book.ts';

export interface ChargePollerParts {
  readonly providers: readonly Provider[];
  readonly store: Pick<Store, 'unreconciled' | 'saveCharges'>;
  readonly book: ChargeBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
  readonly policy: Pick<Policy, 'chargesRefreshMs' | 'chargesSettleMs' | 'chargesAskedForMs'>;
  /** From then on nothing is written: the store may be closed before a slow answer comes. */
  readonly isStopping: () => boolean;
}

/** A window that reaches further back is cut, and machines that began before it are not reconciled. */
const LONGEST_WINDOW_MS = 100 * DAY_MS;
const MAX_MACHINES = 1_000;

/** Reads, at each marketplace that tells, what was charged for the machines of ours that are gone. */
export function startChargePollers(parts: ChargePollerParts): readonly Loop[] {
  const telling = new Map<string, Provider>();
  for (const provider of parts.providers) {
    // Two APIs of a marketplace speak of one account.
    if (provider.charges && !telling.has(provider.name)) telling.set(provider.name, provider);
  }
  return [...telling.values()].map((provider) => startChargePoller(parts, provider));
}

function startChargePoller(parts: ChargePollerParts, provider: Provider): Loop {
  return startAskingLoop({
    ...parts,
    name: `charges ${provider.api}`,
    intervalMs: parts.policy.chargesRefreshMs,
    ask: () => readCharges(parts, provider),
  });
}

/** No machine that waits for its bill, no call. */
async function readCharges(parts: ChargePollerParts, provider: Provider): Promise<void> {
  const { store, book, clock, policy } = parts;
  const now = clock.now();
  const ended = await store.unreconciled({
    provider: provider.name,
    goneAfter: now - policy.chargesAskedForMs,
    settleMs: policy.chargesSettleMs,
    toldBy: provider.api,
    limit: MAX_MACHINES,
  });
  const asked = ended.filter(({ billedFrom }) => billedFrom >= now - LONGEST_WINDOW_MS);
  if (asked.length > 0 && provider.charges) {
    const charges = await provider.charges(windowOver(asked, now));
    if (parts.isStopping()) return;
    const whole = provider.chargesMayMiss ? undefined : provider.api;
    const settleMs = policy.chargesSettleMs;
    await store.saveCharges(matched(asked, charges, { whole, readAt: now, settleMs }));
  }
  await book.takeStock();
}

/** Whole lives, so that no charge is cut: a provider that reckons by the day or the month may round it outwards. */
function windowOver(machines: readonly EndedMachine[], now: EpochMs): Span {
  const from = Math.min(...machines.map(({ billedFrom }) => billedFrom));
  return { from: utcDayStart(from), to: now };
}

interface Answered {
  /** The API whose machines the answer leaves out for good reason only. */
  readonly whole: string | undefined;
  readonly readAt: EpochMs;
  readonly settleMs: number;
}

/**
 * Each machine with its charge. What a complete answer of the API that the machine was rented at leaves out for so long was
 * not charged; before that, and at a sister API, it says nothing. Charges for machines that are not ours are left out.
 */
function matched(
  machines: readonly EndedMachine[],
  charges: readonly Charge[],
  { whole, readAt, settleMs }: Answered,
): readonly ReconciledCharge[] {
  const byId = new Map(charges.map((charge) => [charge.id, charge]));
  return machines.flatMap((machine) => {
    const isSettled = machine.api === whole && readAt >= machine.goneAt + settleMs;
    const charge = byId.get(machine.providerInstanceId) ?? (isSettled ? NOTHING : undefined);
    if (!charge) return [];
    const { provider, providerInstanceId, sessionId, goneAt: endedAt, estimated } = machine;
    const { total: billed, traffic } = charge;
    const ours = { provider, providerInstanceId, sessionId, endedAt, estimated };
    return [{ ...ours, billed, traffic, readAt }];
  });
}

const NOTHING = { total: 0, traffic: 0 } as const;
