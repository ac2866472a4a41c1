import { expect, test } from 'vitest';
import { HOUR, look, MINUTE, marketWorld, pickHost, rentOn, rentSome } from './market-world.ts';

test('a market that forgets what is gone knows the rest, and what it was paid', async () => {
  const { clock, market } = marketWorld();
  const ended = await rentSome(market, 'vastai');
  const free = market
    .hosts('vastai')
    .find(({ id }) => market.freeGpus(id) > 0 && id !== ended.host.id);
  const running = await rentOn(market, free ?? pickHost(market, 'vastai'));
  clock.advance(HOUR);
  market.destroy(ended.id);
  clock.advance(HOUR);
  const [before, goneAt] = [market.credit('vastai'), look(market, ended.id).goneAt ?? 0];
  market.forgetGone(goneAt);
  expect(market.instance(ended.id)).toBeDefined();
  market.forgetGone(goneAt + 1);
  expect(market.instance(ended.id)).toBeUndefined();
  expect(look(market, running.id).state).toBe('running');
  expect(market.credit('vastai')).toBe(before);
  clock.advance(MINUTE);
  expect(market.credit('vastai')).toBeLessThan(before);
});

test('what is rented after that has an id of its own', async () => {
  const { clock, market } = marketWorld();
  const first = await rentSome(market, 'tensordock');
  const second = await rentSome(market, 'tensordock');
  market.destroy(first.id);
  clock.advance(HOUR);
  market.forgetGone(clock.now());
  const third = await rentSome(market, 'tensordock');
  expect(new Set([first.id, second.id, third.id]).size).toBe(3);
});
