import { describe, expect, it } from 'vitest';
import type { InstancePhase } from '../../../src/domain/instance.ts';
import { phaseOf, type StateFields } from '../../../src/providers/vastai/phase.ts';

const MINUTE_MS = 60_000;

function state(overrides: Partial<StateFields> = {}): StateFields {
  return {
    actual: 'running',
    intended: 'running',
    current: 'running',
    next: 'running',
    message: '',
    ageMs: 10 * MINUTE_MS,
    ...overrides,
  };
}

const STOPPED = { intended: 'stopped', current: 'stopped', next: 'stopped' } as const;

describe('phase of a Vast.ai instance', () => {
  it.each<[InstancePhase, Partial<StateFields>]>([
    ['starting', { actual: null }],
    ['starting', { actual: 'created' }],
    ['starting', { actual: 'loading' }],
    ['starting', { actual: 'rebooting' }],
    ['starting', { actual: 'recycling' }],
    ['starting', { actual: null, current: 'stopped' }],
    ['starting', { actual: 'exited', ageMs: 2 * MINUTE_MS }],
    ['starting', { actual: 'exited', ageMs: undefined }],
    ['running', {}],
    ['running', { current: null, next: null, intended: null }],
    ['running', { actual: 'frozen' }],
    ['stopping', { intended: 'stopped' }],
    ['stopping', { next: 'stopped' }],
    ['stopping', { actual: 'loading', intended: 'stopped' }],
    ['stopping', { actual: 'destroying' }],
    ['stopped', { actual: 'exited', intended: 'stopped' }],
    ['stopped', { actual: 'stopped', intended: 'stopped' }],
    ['stopped', { actual: 'stopped', current: 'stopped' }],
    ['stopped', { actual: 'stopped' }],
    ['stopped', { actual: 'exited' }],
    ['stopped', { actual: 'exited', next: 'stopped', ageMs: MINUTE_MS }],
    ['stopped', { actual: 'running', ...STOPPED }],
    ['stopped', { actual: 'offline', ...STOPPED }],
    ['stopped', { actual: null, ...STOPPED }],
    ['stopped', { current: 'stopped', next: 'stopped' }],
    ['failed', { actual: 'loading', next: 'stopped' }],
    ['failed', { actual: null, next: 'stopped' }],
    ['unknown', { current: 'stopped' }],
    ['unknown', { actual: 'unknown' }],
    ['unknown', { actual: 'offline' }],
    ['unknown', { actual: 'a word that nobody has heard yet' }],
  ])('is %s for %j', (phase, overrides) => {
    expect(phaseOf(state(overrides))).toBe(phase);
  });

  it.each([
    'Error response from daemon: manifest for no/such:tag not found',
    'manifest unknown',
    'failed to resolve reference "docker.io/no/such"',
    'pull access denied for x/y, repository does not exist or may require authorization',
    'unauthorized: authentication required',
    'OCI runtime create failed: unable to start',
    'container failed to start',
    'GPU error, unable to start instance.',
    'docker_build() error writing dockerfile',
    'write /var/lib: no space left on device',
  ])('is failed when a start ended with %j', (message) => {
    for (const actual of [null, 'created', 'loading', 'exited', 'stopped']) {
      expect(phaseOf(state({ actual, message, ageMs: MINUTE_MS }))).toBe('failed');
    }
  });

  it('is not failed by a text that outlived its state, or one that only sounds bad', () => {
    expect(phaseOf(state({ message: 'OCI runtime create failed' }))).toBe('running');
    expect(phaseOf(state({ actual: 'stopped', ...STOPPED, message: 'manifest unknown' }))).toBe(
      'stopped',
    );
    expect(
      phaseOf(state({ actual: 'loading', message: 'retry after error: 3f: Pull complete' })),
    ).toBe('starting');
    expect(phaseOf(state({ actual: 'loading', message: 'success, running x/ssh' }))).toBe(
      'starting',
    );
  });
});
