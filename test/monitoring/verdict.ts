import type { AlertChange } from './alert-watch.ts';
import type { Fault } from './faults.ts';

/** A fault, and while it was on. */
export interface FaultSpan {
  readonly fault: Pick<Fault, 'name' | 'alerts'>;
  readonly onMs: number;
  readonly offMs: number;
}

/** For each alert of each fault how long it took to fire, and to fall silent after the fault, by the broker's clock. */
export function verdictOf(
  spans: readonly FaultSpan[],
  { changes, speed }: { readonly changes: readonly AlertChange[]; readonly speed: number },
): string {
  const head = ['| fault | alert | fires after | silent again after |', '|---|---|---|---|'];
  const rows = spans.flatMap((span) =>
    span.fault.alerts.map((alert) => {
      const { firedMs, silentMs } = lifeOf(alert, { span, changes });
      const fires = minutes(firedMs, { sinceMs: span.onMs, speed });
      const falls = minutes(silentMs, { sinceMs: span.offMs, speed });
      return `| ${span.fault.name} | \`${alert}\` | ${fires} | ${falls} |`;
    }),
  );
  return [...head, ...rows].join('\n');
}

/** What was not as it should be: alerts that did not fire, that stayed, or that fired when nothing had happened yet. */
export function problemsOf(
  spans: readonly FaultSpan[],
  changes: readonly AlertChange[],
): readonly string[] {
  const firstMs = Math.min(...spans.map(({ onMs }) => onMs));
  const early = changes.filter(({ state, atMs }) => state === 'firing' && atMs < firstMs);
  const missed = spans.flatMap((span) =>
    span.fault.alerts.flatMap((alert) => {
      const { firedMs, silentMs } = lifeOf(alert, { span, changes });
      if (firedMs === undefined) return [`${alert} did not fire: ${span.fault.name}`];
      return silentMs === undefined ? [`${alert} did not fall silent: ${span.fault.name}`] : [];
    }),
  );
  const last = new Map(changes.map(({ alert, state }) => [alert, state]));
  const stayed = [...last].flatMap(([alert, state]) =>
    state === 'firing' ? [`${alert} fires at the end`] : [],
  );
  return [...early.map(({ alert }) => `${alert} fired when all was well`), ...missed, ...stayed];
}

function lifeOf(
  alert: string,
  { span, changes }: { readonly span: FaultSpan; readonly changes: readonly AlertChange[] },
): { readonly firedMs: number | undefined; readonly silentMs: number | undefined } {
  const own = changes.filter((change) => change.alert === alert && change.atMs >= span.onMs);
  const fired = own.find(({ state }) => state === 'firing');
  const silent = own.find(({ state, atMs }) => fired && state === 'silent' && atMs >= fired.atMs);
  return { firedMs: fired?.atMs, silentMs: silent?.atMs };
}

function minutes(
  atMs: number | undefined,
  { sinceMs, speed }: { readonly sinceMs: number; readonly speed: number },
): string {
  return atMs === undefined ? 'never' : `${(((atMs - sinceMs) * speed) / 60_000).toFixed(1)} min`;
}
