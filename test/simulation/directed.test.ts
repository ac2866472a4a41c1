import { expect, test } from 'vitest';
import { DIRECTED_WORLDS } from './directed.ts';
import { runWorld } from './world.ts';

test.each(Object.entries(DIRECTED_WORLDS))('every promise holds when: %s', async (_name, make) => {
  const { violations, sessions } = await runWorld(make());
  expect(violations).toEqual([]);
  expect(sessions).toBeGreaterThan(0);
});
