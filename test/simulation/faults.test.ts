import { expect, test } from 'vitest';
import { createChance } from '../../src/simulator/chance.ts';
import { DIRECTED_WORLDS } from './directed.ts';
import { FOG_KINDS } from './fog.ts';
import { THEMES, type Theme } from './plan.ts';
import { addCounts } from './tally.ts';
import { drawTheme } from './themes.ts';
import { runWorld, type WorldOptions } from './world.ts';

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

/** What a theme is about has to happen in its first few worlds. */
const OF_THEME: Readonly<Record<Theme, readonly string[]>> = {
  mixed: ['broker crash', 'wire lostAnswer', 'market lying delete'],
  'lost launches': ['lostAnswer', 'resetAfter', 'serverErrorAfter', 'cutBody'].map(
    (fault) => `launch ${fault}`,
  ),
  crowd: ['account shared by 5 deployments', 'market foreigner', 'broker crash'],
  'stale backup': ['broker backup taken', 'broker backup restored'],
  'bad lists': FOG_KINDS.filter((kind) => kind !== 'forgets all').map((kind) => `fog ${kind}`),
  clock: ['broker clock jump'],
  'two starts in a row': ['broker relapse', 'broker second relapse in a row'],
  'disk full': ['broker disk full'],
  servers: ['http status 200', 'http status 500', 'http status 503', 'http refused'],
  'kept disks': ['disk_preserved', 'session_resumed', 'machine_started', 'disk_discarded'].map(
    (event) => `event ${event}`,
  ),
  watched: [
    'mishap another machine',
    'mishap logins stall',
    'mishap offline',
    'mishap reinstalled',
    'event host_key_changed',
  ],
  'blind nets': ['reconciler', 'startupSweep', 'hardLimit'].map((net) => `broker without ${net}`),
};
const FIRST_WORLDS = 8;

/** Of a mixed world each fault may be a part; so many are looked at before one counts as missing. */
const MIXED_WORLDS = 12;

type Counts = Readonly<Record<string, number>>;

const seenIn = new Map<string, Counts>();

test.each(THEMES)(
  'what the theme says really happens, and breaks no promise: %s',
  async (theme) => {
    let missing = OF_THEME[theme];
    for (let seed = 1; seed <= FIRST_WORLDS && missing.length > 0; seed += 1) {
      const counts = await faultsIn({ seed, theme });
      seenIn.set(theme, addCounts(seenIn.get(theme) ?? {}, counts));
      missing = missing.filter((fault) => !(fault in counts));
    }
    expect(missing).toEqual([]);
  },
);

test('every fault really happens: one that never does would prove nothing', async () => {
  for (const name of ['everything goes wrong at once', 'all hosts are bad']) {
    seenIn.set(name, await faultsOf(name));
  }
  for (let seed = 1; seed <= MIXED_WORLDS && unseen().length > 0; seed += 1) {
    seenIn.set(`mixed ${seed}`, await faultsIn({ seed, theme: 'mixed' }));
  }
  expect(unseen()).toEqual([]);
});

function unseen(): readonly string[] {
  const names = Object.keys([...seenIn.values()].reduce(addCounts, {}));
  return [
    ...EVERY_FAULT.filter((name) => !names.includes(name)),
    ...EVERY_NATURE.filter(
      (nature) => !names.some((name) => name.startsWith(`launched on ${nature}`)),
    ),
  ];
}

test('seeds draw every theme, and four in ten of them are mixed', () => {
  const drawn = Array.from({ length: 400 }, (_, seed) => drawTheme(createChance(seed)));
  expect(THEMES.filter((theme) => !drawn.includes(theme))).toEqual([]);
  const mixed = drawn.filter((theme) => theme === 'mixed').length;
  expect(mixed).toBeGreaterThan(130);
  expect(mixed).toBeLessThan(200);
});

async function faultsOf(name: string): Promise<Counts> {
  const make = DIRECTED_WORLDS[name];
  return make ? faultsIn(make()) : {};
}

/** No promise is broken there either, whatever happens. */
async function faultsIn(options: WorldOptions): Promise<Counts> {
  const { faults, violations } = await runWorld(options);
  expect(violations).toEqual([]);
  return faults;
}
