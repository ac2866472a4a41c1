import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './time.ts';

/** Every span and bound that decides over money, by name. All times in milliseconds. */
export interface Policy {
  /** Running time in all that no session exceeds. */
  readonly hardLimitMs: number;
  readonly offersRefreshMs: number;
  readonly offersMaxAgeMs: number;
  /** Slow tick behind every wake-up. */
  readonly lifecycleTickMs: number;
  /** Between two looks at a provider's instances while any of ours should be there. */
  readonly watchIntervalMs: number;
  readonly reconcileIntervalMs: number;
  /** A provider that has not answered the startup sweep by then is left to the later ones. */
  readonly startupSweepMs: number;
  /** An instance of ours that nobody wants is left alone for this long. */
  readonly orphanGraceMs: number;
  /** Two complete lists that show the same absence or orphan have to be this far apart. */
  readonly evidenceGapMs: number;
  /** How long a machine with an address may take to accept a login; before that the provider's own budget holds. */
  readonly proofTimeoutMs: number;
  /** Machines that are logged in to, or asked over HTTP, at once. Most of them are not up yet: such a try is a socket that waits. */
  readonly maxProofs: number;
  /** Between two tries to log in, once an address exists. */
  readonly proofIntervalMs: number;
  readonly terminateRetryMs: number;
  readonly terminateRetryMaxMs: number;
  /** A disk that is kept for a session which does not run is given up after this. */
  readonly preservedMaxAgeMs: number;
  /** A running instance seen stopped for this long is given up. */
  readonly stoppedGraceMs: number;
  /** A machine that runs, and whose host is not heard of for this long, is given up: hosts come back within minutes, or not soon. */
  readonly hostOfflineGraceMs: number;
  readonly launchRetryMs: number;
  /** An agent that is silent for longer may have had work meanwhile. */
  readonly heartbeatGapMs: number;
  /** Between two looks into a running machine whose idleness ends its session. */
  readonly idleCheckMs: number;
  /** Between two looks into any other running machine: does the login still work? */
  readonly loginCheckMs: number;
  /** From the warning that a session will end for idleness to its end, at least. */
  readonly idleGraceMs: number;
  /** Of a session whose offers the broker picks. The time that the search has is the bound that matters. */
  readonly maxAttempts: number;
  /** For how long, from a session's creation, other offers are tried. */
  readonly searchMs: number;
  /** A launch that its account cannot pay for to the end of the reservation is refused. */
  readonly checksBalance: boolean;
  readonly balanceRefreshMs: number;
  readonly chargesRefreshMs: number;
  /** A charge may be booked late, and by the day: what is said so long after the end is the last word. */
  readonly chargesSettleMs: number;
  /** A marketplace that does not say for so long what it charged for a machine is not asked about that any more. */
  readonly chargesAskedForMs: number;
  /** The story of a session, from its end on, and of what belongs to none; undefined = for ever. */
  readonly eventsKeptMs: number | undefined;
  /** Sessions, from their end on; what they cost stays. Undefined = for ever. */
  readonly sessionsKeptMs: number | undefined;
  /** Between two looks for what is older than that. */
  readonly retentionIntervalMs: number;
  /** What became old by a jump of the clock stays for so long after it, and after the first start everything: it may be put right. */
  readonly clockEvenForMs: number;
  /** More orphans than this in one sweep are held for a person to decide and not ended. */
  readonly destroyLimitPerSweep: number;
  /** What a person has said about an orphan is forgotten when it has been missing for so long. */
  readonly orphanForgetMs: number;
  /** Sweeps hold every orphan and end none. */
  readonly isSweepDryRun: boolean;
  /** Nets that a simulated world may take away, to show that what is above them holds by itself. */
  readonly nets: {
    readonly reconciler: boolean;
    readonly startupSweep: boolean;
    readonly hardLimit: boolean;
  };
}

export const DEFAULT_POLICY: Policy = {
  hardLimitMs: 12 * HOUR_MS,
  offersRefreshMs: MINUTE_MS,
  offersMaxAgeMs: 10 * MINUTE_MS,
  lifecycleTickMs: 5 * SECOND_MS,
  watchIntervalMs: 5 * SECOND_MS,
  reconcileIntervalMs: MINUTE_MS,
  startupSweepMs: 2 * MINUTE_MS,
  orphanGraceMs: 2 * MINUTE_MS,
  evidenceGapMs: 10 * SECOND_MS,
  proofTimeoutMs: 10 * MINUTE_MS,
  maxProofs: 512,
  proofIntervalMs: 2 * SECOND_MS,
  terminateRetryMs: 2 * SECOND_MS,
  terminateRetryMaxMs: MINUTE_MS,
  preservedMaxAgeMs: 7 * DAY_MS,
  stoppedGraceMs: MINUTE_MS,
  hostOfflineGraceMs: 10 * MINUTE_MS,
  launchRetryMs: 5 * SECOND_MS,
  heartbeatGapMs: 5 * MINUTE_MS,
  idleCheckMs: MINUTE_MS,
  loginCheckMs: 5 * MINUTE_MS,
  idleGraceMs: 5 * MINUTE_MS,
  maxAttempts: 20,
  searchMs: 2 * HOUR_MS,
  checksBalance: true,
  balanceRefreshMs: 3 * MINUTE_MS,
  chargesRefreshMs: 15 * MINUTE_MS,
  chargesSettleMs: 26 * HOUR_MS,
  chargesAskedForMs: 7 * DAY_MS,
  eventsKeptMs: 90 * DAY_MS,
  sessionsKeptMs: 400 * DAY_MS,
  retentionIntervalMs: HOUR_MS,
  clockEvenForMs: 6 * HOUR_MS,
  destroyLimitPerSweep: 10,
  orphanForgetMs: 10 * MINUTE_MS,
  isSweepDryRun: false,
  nets: { reconciler: true, startupSweep: true, hardLimit: true },
};
