import type { SimMs } from './model.ts';

/** Inclusive bounds in milliseconds. */
export interface MsRange {
  readonly low: number;
  readonly high: number;
}

/** How a machine's driver comes about. */
export interface DriverCourse {
  /** What is there until it works. */
  readonly before: 'missing' | 'broken';
  /** `null`: never. */
  readonly worksFrom: SimMs | null;
  /** Before this it leaves a card out. */
  readonly wholeFrom?: SimMs;
  /** When the machine goes down for it, and for how long. */
  readonly reboot: { readonly at: SimMs; readonly backAt: SimMs } | null;
}

/** What befalls machines that run, besides what hosts and other bidders do to them. */
export const MISHAP_KINDS = [
  /** Keys that were attached are wiped, and work again once they are attached again (Vast.ai facts §12.2: hours later). */
  'keys lost',
  /** The system was set up anew: another host key, and none of the keys that were let in. */
  'reinstalled',
  /** Somebody else's machine is at the address now, and lets anybody in. */
  'another machine',
  /** Nothing is heard of the host. */
  'offline',
  /** Connections are taken, and nothing is said. */
  'logins stall',
] as const;
export type MishapKind = (typeof MISHAP_KINDS)[number];

/** Drawn anew each time that a machine begins to run. */
export interface Mishap {
  readonly kind: MishapKind;
  /** 0 to 1. */
  readonly share: number;
  readonly afterMs: MsRange;
  /** Where it passes by itself. */
  readonly lastMs: MsRange;
}

/** One that has happened. */
export interface PastMishap {
  readonly kind: MishapKind;
  readonly id: string;
  readonly at: SimMs;
  /** Infinite where it does not pass by itself. */
  readonly until: SimMs;
}
