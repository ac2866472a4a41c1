import { describe, expect, it } from 'vitest';
import { readMainOptions } from '../../src/simulator/main-options.ts';

describe("the simulator process's options", () => {
  it('have defaults, then the environment, then flags', () => {
    expect(readMainOptions([], {})).toMatchObject({ port: 9400, seed: '1', badShare: 0 });
    const env = { SIM_PORT: '1234', SIM_SEED: 'abc', SIM_BOOT_SCALE: '0.5', SIM_VAST_KEY: 'k' };
    expect(readMainOptions([], env)).toMatchObject({
      port: 1234,
      seed: 'abc',
      bootScale: 0.5,
      credentials: { vastKey: 'k' },
    });
    expect(readMainOptions(['--port', '0', '--boot-scale', '1'], env)).toMatchObject({
      port: 0,
      bootScale: 1,
    });
  });

  it('are refused with every problem at once', () => {
    const read = () =>
      readMainOptions(['--port', '70000'], { SIM_BAD_SHARE: '2', SIM_FOREIGN: 'x' });
    expect(read).toThrow(/port .*bad-share .*foreign /);
    expect(() => readMainOptions(['--nonsense', '1'], {})).toThrow('nonsense');
  });
});
