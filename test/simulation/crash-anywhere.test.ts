import { expect, test } from 'vitest';
import { type CrashPoint, crashWorld } from './directed.ts';
import { ALL_APIS } from './plan.ts';
import { runWorld } from './world.ts';

/**
 * A session's way crosses the broker's boundary some hundreds of times. Around what a client asks for, where the calls
 * are that rent and end, the process dies at each crossing; on the long wait for the login, at every so many. What lies
 * above the adapters is the same for each API: behind the first, the others take every third crossing.
 * `npm run simulate -- --crash-everywhere vastai` takes each one.
 */
const CLOSE_BY = 36;
const FURTHER_OFF = [60, 97, 134, 171, 208, 245, 282, 319];
const CROSSINGS = [...Array.from({ length: CLOSE_BY }, (_, index) => index + 1), ...FURTHER_OFF];
const CASES = ALL_APIS.flatMap((api, index) => [
  { api, ask: 'create' as const, among: amongOf(index) },
  { api, ask: 'stop' as const, among: amongOf(index) },
]);

function amongOf(index: number) {
  return (crossings: number): boolean => index === 0 || crossings % 3 === index % 3;
}

test.each(CASES)(
  'on $api the process may die anywhere after "$ask"',
  async ({ api, ask, among }) => {
    const broken: { readonly at: CrashPoint; readonly what: unknown }[] = [];
    for (const crossings of CROSSINGS.filter(among)) {
      const at = { api, ask, crossings };
      const { violations, crashes } = await runWorld(crashWorld(at));
      expect(crashes, `the process did not die at crossing ${crossings}`).toBe(1);
      if (violations.length > 0) broken.push({ at, what: violations });
    }
    expect(broken).toEqual([]);
  },
);

/** Where the marketplace has rented, or ended, and no row says so yet: what the next life has to find out. */
const UNHEARD = { create: 18, stop: 14 } as const;
const FIRST_CROSSINGS = Array.from({ length: 40 }, (_, index) => index + 1);

test.each(CASES)('on $api so may the next life after "$ask"', async ({ api, ask, among }) => {
  const broken: { readonly at: CrashPoint; readonly what: unknown }[] = [];
  for (const relapseAt of FIRST_CROSSINGS.filter(among)) {
    const at = { api, ask, crossings: UNHEARD[ask], relapseAt };
    const { violations, crashes, nets } = await runWorld(crashWorld(at));
    expect(crashes, `the next life did not die at crossing ${relapseAt}`).toBe(2);
    expect(nets['adopted by its tag'] ?? 0).toBe(ask === 'create' ? 1 : 0);
    if (violations.length > 0) broken.push({ at, what: violations });
  }
  expect(broken).toEqual([]);
});
