import { afterEach, expect, test } from 'vitest';
import type { Market } from '../../src/simulator/model.ts';
import { type RealSshPlane, realSshPlane } from '../../src/simulator/real-ssh-plane.ts';
import { createRemoteShell } from '../../src/ssh/remote-shell.ts';
import { createKeys } from '../../src/ssh/session-keys.ts';
import { systemClock } from '../../src/system/clock.ts';
import { handClock } from '../simulator/hand-clock.ts';
import { look, MINUTE, marketWorld, pickHost, rentOn } from '../simulator/market-world.ts';

const keys = createKeys(Buffer.alloc(32, 1)).generate('session');
const shell = createRemoteShell({ clock: systemClock });

let plane: RealSshPlane;
afterEach(() => plane.closeAll());

test.each([
  ['vastai', 'root'],
  ['tensordock', 'user'],
] as const)('a machine of the simulated %s says what was rented', async (marketName, user) => {
  const { machine, login } = await rented(marketName);
  const inspection = await shell.inspect({ ...login, user, ...keys }, 10_000);
  const { gpu, driverVersion, cudaMax } = machine.host;
  const card = { name: gpu.smiName, memoryTotalMb: gpu.vramMb, utilizationPercent: 0 };
  expect(inspection).toMatchObject({
    kind: 'logged_in',
    report: {
      gpus: [card, card],
      driverVersion,
      cudaVersion: cudaMax.toFixed(1),
      diskFreeBytes: expect.closeTo((machine.diskGb - 6) * 1e9, -4),
    },
  });
});

/** Two GPUs on a real port, booted. */
async function rented(marketName: Market) {
  plane = realSshPlane(handClock());
  const { clock, market } = marketWorld({ plane });
  const { id } = await rentOn(market, pickHost(market, marketName, 2), {
    gpuCount: 2,
    bootKeys: [keys.publicKey],
  });
  if (marketName === 'vastai') market.attachKey(id, keys.publicKey);
  clock.advance(10 * MINUTE);
  const machine = look(market, id);
  return { machine, login: { host: machine.sshHost, port: machine.sshPort } };
}
