import { setTimeout as sleep } from 'node:timers/promises';
import type { Prometheus } from './prometheus.ts';

export type AlertState = 'pending' | 'firing' | 'silent';

export interface AlertChange {
  readonly alert: string;
  readonly state: AlertState;
  readonly before: AlertState;
  readonly atMs: number;
}

/** What alerts do, from now on. */
export interface AlertWatch {
  readonly changes: readonly AlertChange[];
  firing(): readonly string[];
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 400;

export function watchAlerts(
  prometheus: Prometheus,
  tell: (change: AlertChange) => void,
): AlertWatch {
  const changes: AlertChange[] = [];
  const stopping = new AbortController();
  let states: AlertStates = new Map();
  const look = async (): Promise<void> => {
    const now = alertStates(await prometheus.ask('ALERTS'));
    for (const found of changesBetween(states, now)) {
      const change = { ...found, atMs: Date.now() };
      changes.push(change);
      tell(change);
    }
    states = now;
  };
  const watching = repeat(look, stopping.signal);
  return {
    changes,
    firing: () => [...states].flatMap(([alert, state]) => (state === 'firing' ? [alert] : [])),
    stop: async () => {
      stopping.abort();
      await watching;
    },
  };
}

async function repeat(look: () => Promise<void>, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await look();
    await sleep(LOOK_EVERY_MS);
  }
}

export type AlertStates = ReadonlyMap<string, AlertState>;

/** An alert of several series fires when one of them does. */
export function alertStates(
  samples: readonly { readonly labels: Readonly<Record<string, string>> }[],
): AlertStates {
  const states = new Map<string, AlertState>();
  for (const { labels } of samples) {
    const alert = labels['alertname'] ?? '';
    if (labels['alertstate'] === 'firing') states.set(alert, 'firing');
    else if (!states.has(alert)) states.set(alert, 'pending');
  }
  return states;
}

export function changesBetween(
  before: AlertStates,
  now: AlertStates,
): readonly Omit<AlertChange, 'atMs'>[] {
  const alerts = [...new Set([...before.keys(), ...now.keys()])].toSorted();
  return alerts.flatMap((alert) => {
    const state = now.get(alert) ?? 'silent';
    const was = before.get(alert) ?? 'silent';
    return state === was ? [] : [{ alert, state, before: was }];
  });
}
