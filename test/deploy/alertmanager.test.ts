import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const CONFIG = 'deploy/alertmanager/alertmanager.yml';
const rules = readFileSync('deploy/prometheus/rules.yml', 'utf8');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
const severities = new Set([...rules.matchAll(/severity: (\w+)/g)].map(([, name = '']) => name));

function run(program: string, ...args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8' });
}

test('Prometheus takes its configuration', ({ skip }) => {
  const { error, stdout, stderr, status } = run(
    'promtool',
    'check',
    'config',
    'deploy/prometheus/prometheus.yml',
  );
  skip(error !== undefined, 'promtool is not installed');
  expect(stdout + stderr).toContain('SUCCESS');
  expect(status).toBe(0);
});

test('Alertmanager takes its configuration', ({ skip }) => {
  const { error, stdout, stderr, status } = run('amtool', 'check-config', CONFIG);
  skip(error !== undefined, 'amtool is not installed');
  expect(stdout + stderr).toContain('SUCCESS');
  expect(status).toBe(0);
});

test.each([
  ['page', 'pages'],
  ['ticket', 'tickets'],
])('a %s goes to the receiver of %s', (severity, receiver) => {
  expect([...severities]).toContain(severity);
  const { error, stdout } = run(
    'amtool',
    'config',
    'routes',
    'test',
    `--config.file=${CONFIG}`,
    `severity=${severity}`,
  );
  if (error === undefined) expect(stdout.trim()).toBe(receiver);
  expect(readFileSync(CONFIG, 'utf8')).toContain(`- name: ${receiver}`);
});

test('every severity has its receiver, and what is silenced is an alert', () => {
  expect([...severities].toSorted()).toEqual(['page', 'ticket']);
  const named = [...readFileSync(CONFIG, 'utf8').matchAll(/Gpu[A-Za-z]+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(1);
  expect(named.filter((name) => !alerts.includes(name))).toEqual([]);
});
