import { expect, test } from 'vitest';
import { DIRECTED_WORLDS } from './directed.ts';
import { addCounts } from './tally.ts';
import { runWorld } from './world.ts';

/** Counted by what was seen at both ends of the wire, at the market's counter and at the machines' doors. */
const EVERY_FAULT: readonly string[] = [
  'broker clock jump',
  'broker crash',
  'market foreigner',
  'market list lacks a new one',
  'market list shows a gone one',
  'market lying delete',
  'market orphan planted: rented',
  'launch no_capacity',
  'launch unauthorized by the provider',
  'ssh auth_failed',
  'ssh dropped',
  'ssh refused',
  'wire badGatewayBefore',
  'wire cutBody',
  'wire duplicated',
  'wire emptyList',
  'wire lostAnswer',
  'wire outage bad_gateway',
  'wire outage refused',
  'wire outage silence',
  'wire rate limit of the provider',
  'wire rateLimited',
  'wire refused',
  'wire resetAfter',
  'wire serverErrorAfter',
  'wire serverErrorBefore',
  'wire shortList',
];
const EVERY_NATURE = ['breaks', 'gets_stopped', 'never_boots', 'never_lets_in', 'vanishes'];

test('every fault really happens: one that never does would prove nothing', async () => {
  const counts = addCounts(
    await faultsOf('everything goes wrong at once'),
    await faultsOf('all hosts are bad'),
  );
  const names = Object.keys(counts);
  expect(EVERY_FAULT.filter((name) => !names.includes(name))).toEqual([]);
  const met = EVERY_NATURE.filter((nature) =>
    names.some((name) => name.startsWith(`launched on ${nature}`)),
  );
  expect(met).toEqual(EVERY_NATURE);
});

async function faultsOf(name: string): Promise<Readonly<Record<string, number>>> {
  const make = DIRECTED_WORLDS[name];
  return make ? (await runWorld(make())).faults : {};
}
