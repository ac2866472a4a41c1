import { expect, test } from 'vitest';
import { alertStates, changesBetween } from './alert-watch.ts';
import { problemsOf, verdictOf } from './verdict.ts';

const FAULT = { name: 'it rains', alerts: ['Wet'] };
const SPANS = [{ fault: FAULT, onMs: 1_000, offMs: 5_000 }];

function change(alert: string, state: 'firing' | 'silent', atMs: number) {
  return { alert, state, before: state === 'firing' ? 'silent' : 'firing', atMs } as const;
}

test('an alert that came and went with its fault is no problem', () => {
  const changes = [change('Wet', 'firing', 4_000), change('Wet', 'silent', 6_000)];
  expect(problemsOf(SPANS, changes)).toEqual([]);
  expect(verdictOf(SPANS, { changes, speed: 60 })).toContain(
    '| it rains | `Wet` | 3.0 min | 1.0 min |',
  );
});

test('an alert that does not fire is told', () => {
  expect(problemsOf(SPANS, [])).toEqual(['Wet did not fire: it rains']);
  expect(verdictOf(SPANS, { changes: [], speed: 1 })).toContain('| never | never |');
});

test('an alert that stays is told', () => {
  expect(problemsOf(SPANS, [change('Wet', 'firing', 4_000)])).toEqual([
    'Wet did not fall silent: it rains',
    'Wet fires at the end',
  ]);
});

test('an alert without a fault is told', () => {
  const changes = [change('Wet', 'firing', 4_000), change('Wet', 'silent', 6_000)];
  expect(
    problemsOf(SPANS, [change('Hot', 'firing', 500), change('Hot', 'silent', 600), ...changes]),
  ).toEqual(['Hot fired when all was well']);
});

test('an alert fires when one of its series does, and is silent when it has none', () => {
  const sample = (alertstate: string) => ({ labels: { alertname: 'Wet', alertstate } });
  const before = alertStates([sample('pending'), sample('firing'), sample('pending')]);
  expect(before.get('Wet')).toBe('firing');
  expect(changesBetween(before, alertStates([]))).toEqual([
    { alert: 'Wet', state: 'silent', before: 'firing' },
  ]);
  expect(changesBetween(before, before)).toEqual([]);
});
