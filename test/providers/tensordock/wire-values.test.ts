import { expect, test } from 'vitest';
import { isDeleted, phaseOf, reasonOf } from '../../../src/providers/tensordock/phase.ts';
import { sshForward } from '../../../src/providers/tensordock/port-forwards.ts';
import {
  hourlyRate,
  instant,
  reachableHost,
} from '../../../src/providers/tensordock/wire-values.ts';

test.each([
  [[{ protocol: 'tcp', internal_port: 22, external_port: 20456 }], 20456],
  [
    [
      { internal_port: 80, external_port: 1 },
      { internal_port: 22, external_port: 48007 },
    ],
    48007,
  ],
  [[{ internal_port: '22', external_port: '30118' }], 30118],
  [{ '30117': '80', '30118': '22' }, 30118],
  [{ '60098': 22 }, 60098],
  [{ ssh: { internal_port: 22, external_port: 20001 } }, 20001],
])('SSH is found behind the forwards %j', (forwards, port) => {
  expect(sshForward(forwards)).toEqual({ kind: 'forwarded', port });
});

test.each([[[]], [{}], [null], [undefined], ['']])('no forwards at all: %j', (forwards) => {
  expect(sshForward(forwards)).toEqual({ kind: 'none' });
});

test.each([
  [[{ internal_port: 80, external_port: 30117 }]],
  [{ '30117': '80' }],
  [[{ internal_port: 22, external_port: 99_999 }]],
  [{ nonsense: '22' }],
])('forwards that do not lead to SSH: %j', (forwards) => {
  expect(sshForward(forwards)).toEqual({ kind: 'other' });
});

test.each([
  ['2026-02-03T17:00:06Z', Date.UTC(2026, 1, 3, 17, 0, 6)],
  ['2026-02-03T18:00:06+01:00', Date.UTC(2026, 1, 3, 17, 0, 6)],
  ['2022-12-04 02:26:01.898472', Date.UTC(2022, 11, 4, 2, 26, 1, 898)],
  ['2026-02-03T17:00:06', Date.UTC(2026, 1, 3, 17, 0, 6)],
  ['Thu, 06 Jun 2024 19:45:29 GMT', Date.UTC(2024, 5, 6, 19, 45, 29)],
  ['yesterday', undefined],
  ['', undefined],
  [null, undefined],
])('%j is the instant %j, whatever zone this machine is in', (text, at) => {
  expect(instant(text)).toBe(at);
});

test.each([
  [0.272999, 272_999],
  ['0.384000', 384_000],
  [0, undefined],
  ['0.000000', undefined],
  [-1, undefined],
  [null, undefined],
  [undefined, undefined],
])('an hourly rate of %j is %j micro-dollars', (usd, micro) => {
  expect(hourlyRate(usd)).toBe(micro);
});

test.each([
  ['139.28.40.249', '139.28.40.249'],
  ['mass-a.tensordockmarketplace.com', 'mass-a.tensordockmarketplace.com'],
  ['2001:db8::7', '2001:db8::7'],
  ['10873ec1-b418-4c14-871e-37b658bd0d42', undefined],
  ['0.0.0.0', undefined],
  ['', undefined],
  [null, undefined],
  ['1.2.3.4 -oProxyCommand=x', undefined],
])('%j is reachable as %j', (text, host) => {
  expect(reachableHost(text)).toBe(host);
});

test.each([
  ['creating', 'starting'],
  ['Deploying', 'starting'],
  ['Starting', 'starting'],
  ['running', 'running'],
  ['Running', 'running'],
  ['stopping', 'stopping'],
  ['deleting', 'stopping'],
  ['stopped', 'stopped'],
  ['StoppedDisassociated', 'stopped'],
  ['Outbid', 'stopped'],
  ['error', 'failed'],
  ['terminated', 'failed'],
  ['on holiday', 'unknown'],
  ['constructor', 'unknown'],
])('the status word %s is %s', (word, phase) => {
  expect(phaseOf(word)).toBe(phase);
});

test('a word that explains a phase is kept, and only deleted means gone', () => {
  expect(reasonOf('Outbid')).toEqual({ reason: 'provider shows Outbid' });
  expect(reasonOf('running')).toEqual({});
  expect(isDeleted('Deleted')).toBe(true);
  expect(isDeleted('deleting')).toBe(false);
});
