import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Workload } from '../../../src/domain/workload.ts';
import { type Boot, bootCommands } from '../../../src/providers/tensordock/cloud-init.ts';
import { deployForm } from '../../../src/providers/tensordock/v0/mapping.ts';
import { runcmdOf } from '../../../src/simulator/tensordock/cloud-init.ts';
import { firstBoot } from '../../../src/simulator/tensordock/first-boot.ts';
import { KEY, TAG } from './harness.ts';

/** As a machine of the simulator boots, which was written from the fact sheet and not from the adapter. */
function booted(workload: Workload, more: Partial<Boot> = {}) {
  return firstBoot(bootCommands({ key: KEY, workload, gpuCount: 1, ...more }), 'bare');
}

test('a machine for a login boots with its key alone', () => {
  const bare = { keys: [KEY], container: null, onStart: null, driver: 'lacking' };
  expect(booted({ kind: 'ssh' })).toEqual(bare);
});

test('a machine whose GPUs are waited for boots into a driver, and into its start command', () => {
  const driver = 'installed with a reboot';
  const needsGpus = true as const;
  const bare = { keys: [KEY], container: null, driver };
  expect(booted({ kind: 'ssh' }, { needsGpus })).toEqual({ ...bare, onStart: null });
  const workload = { kind: 'ssh', onStart: 'echo hello' } as const;
  expect(booted(workload, { needsGpus })).toEqual({ ...bare, onStart: 'echo hello' });
});

test('a start command is what each boot of the machine runs', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (onStart) => {
      expect(booted({ kind: 'ssh', onStart })).toMatchObject({ keys: [KEY], onStart });
    }),
    { numRuns: 200 },
  );
});

test('a server boots into its container, on an image that has nothing', () => {
  const model = { server: 'vllm', modelId: 'Qwen/Qwen2.5-7B-Instruct' } as const;
  const workload: Workload = { kind: 'entrypoint', image: 'a/b:c', ports: [8000, 9000], model };
  expect(booted(workload, { gpuCount: 2 })).toEqual({
    keys: [KEY],
    container: {
      image: 'a/b:c',
      args: [
        ...['--model', 'Qwen/Qwen2.5-7B-Instruct', '--host', '0.0.0.0', '--port', '8000'],
        ...['--tensor-parallel-size', '2'],
      ],
      env: {},
      ports: [8000, 9000],
    },
    onStart: null,
    driver: 'installed with a reboot',
  });
});

const SITE = { hostnode: 'h', v0Name: 'x', count: 1, vcpus: 8, ramGb: 32, ports: '20001' };

test('the old API’s text, unpacked by YAML, is the same boot', () => {
  const workload: Workload = { kind: 'ssh', onStart: 'echo "a: b" # c\\n\n- d' };
  const commands = bootCommands({ key: KEY, workload, gpuCount: 1 });
  const machine = { tag: TAG, image: 'ubuntu2204', diskGb: 100, key: KEY, commands, ports: [] };
  const form = deployForm(SITE, { ...machine, externalPorts: [20_001] });
  expect(runcmdOf(form['cloudinit_script'] ?? '')).toEqual(commands);
});
