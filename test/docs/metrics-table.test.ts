import { expect, it } from 'vitest';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createRecorder } from '../../src/telemetry/recorder.ts';
import { manualClock } from '../support/manual-clock.ts';
import { captureLog } from '../telemetry/captured-log.ts';
import { EVENTS, NOTES, OBSERVED } from '../telemetry/facts.ts';
import { readPage } from './markdown.ts';

const page = readPage('docs/operations.md');

/** `/metrics` after one of each thing that can happen, so that every metric shows its labels. */
async function fullPage(): Promise<string> {
  const metrics = createMetrics({ clock: manualClock() });
  const recorder = createRecorder(captureLog().logger, metrics);
  const { provider_call: call } = NOTES;
  for (const event of Object.values(EVENTS)) recorder.event(event);
  recorder.event({ ...EVENTS.session_status_changed, to: 'stopped', reason: 'done' });
  for (const note of Object.values(NOTES)) recorder.note(note);
  recorder.note({ ...call, failure: 'unavailable' });
  metrics.recordRequest({ method: 'GET', route: '/offers', status: 200, durationMs: 3 });
  metrics.observeWith(OBSERVED);
  return metrics.renderMetrics();
}

/** `name type label,label` of each metric of ours, as the page prints it. */
function printedMetrics(text: string): readonly string[] {
  return [...text.matchAll(/^# TYPE (gpu_\w+) (\w+)$/gm)].map(([, name = '', type = '']) => {
    const sample = new RegExp(`^${name}(?:_sum)?(?:\\{(.*)\\})? `, 'm').exec(text)?.[1] ?? '';
    const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
    return `${name} ${type} ${labels.toSorted().join(',')}`;
  });
}

function documentedMetrics(): readonly string[] {
  const rows = [...page.matchAll(/^\| `(gpu_\w+)` \| (\w+) \|([^|]*)\| /gm)];
  return rows.map(([, name = '', type = '', cell = '']) => {
    const labels = [...cell.matchAll(/`(\w+)`/g)].map(([, label = '']) => label);
    return `${name} ${type} ${labels.toSorted().join(',')}`;
  });
}

it('the table of docs/operations.md has every metric of ours, with its type and labels, and no other', async () => {
  const printed = printedMetrics(await fullPage());
  expect(printed.length).toBeGreaterThan(25);
  expect(documentedMetrics().toSorted()).toEqual(printed.toSorted());
});

it('every metric that docs/operations.md names anywhere is printed', async () => {
  const printed = await fullPage();
  const named = new Set(
    [...page.matchAll(/\b(?:gpu|nodejs|process)_[a-z_]+\b/g)].map(([name]) => name),
  );
  expect([...named].filter((name) => !printed.includes(name))).toEqual([]);
});
