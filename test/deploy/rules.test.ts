import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const RULES = 'deploy/prometheus/rules.yml';
const CASES = 'test/deploy/rules.test.yml';
const rules = readFileSync(RULES, 'utf8');
const cases = readFileSync(CASES, 'utf8');
const operations = readFileSync('docs/operations.md', 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

function promtool(...args: readonly string[]) {
  return spawnSync('promtool', args, { encoding: 'utf8' });
}

test('the rules are good, and each alert fires and stays silent as it should', ({ skip }) => {
  const checked = promtool('check', 'rules', RULES);
  skip(checked.error !== undefined, 'promtool is not installed');
  expect(checked.stdout + checked.stderr).toContain('SUCCESS');
  expect(checked.status).toBe(0);
  const tested = promtool('test', 'rules', CASES);
  expect(tested.stdout + tested.stderr).toContain('SUCCESS');
  expect(tested.status).toBe(0);
});

test('each alert has a case in which it fires and one in which it does not', () => {
  expect(alerts.length).toBeGreaterThanOrEqual(12);
  const firing = [...cases.matchAll(/alertname: (\w+)\n\s+exp_alerts:\s*\[\s*\{/g)].map(
    ([, name]) => name,
  );
  const silent = [...cases.matchAll(/\{ eval_time: \w+, alertname: (\w+) \}/g)].map(
    ([, name]) => name,
  );
  expect(alerts.filter((name) => !firing.includes(name))).toEqual([]);
  expect(alerts.filter((name) => !silent.includes(name))).toEqual([]);
});

test('each alert leads to a section of the runbook that is there', () => {
  const pages = [...rules.matchAll(/runbook: docs\/operations\.md#(\S+)/g)].map(
    ([, name = '']) => name,
  );
  expect(pages).toHaveLength(alerts.length);
  const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => anchorOf(title));
  expect(pages.filter((page) => !anchors.includes(page))).toEqual([]);
});

test('every metric that a rule asks for is one that the broker has', () => {
  const asked = new Set(
    [...rules.matchAll(/\b(gpu_[a-z_]+|nodejs_[a-z0-9_]+)\b/g)].map(([name]) => name),
  );
  const unknown = [...asked].filter(
    (name) =>
      name.startsWith('gpu_') &&
      !operations.includes(`\`${name.replace(/_(bucket|count|sum)$/, '')}\``),
  );
  expect(unknown).toEqual([]);
});

/** As the pages' anchors are made from their headings. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
