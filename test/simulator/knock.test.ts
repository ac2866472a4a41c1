import { describe, expect, it } from 'vitest';
import type { SimMarket } from '../../src/simulator/market.ts';
import type { SimInstance, SshAnswer } from '../../src/simulator/model.ts';
import {
  advanceUntil,
  HOUR,
  KEY,
  look,
  MINUTE,
  marketWorld,
  OTHER_KEY,
  rentOn,
  rentSome,
  SECOND,
  worldOf,
} from './market-world.ts';

function knock(market: SimMarket, at: SimInstance, publicKey = KEY, user = 'root'): SshAnswer {
  return market.knock({ host: at.sshHost, port: at.sshPort, user, publicKey });
}

describe('a login on Vast.ai', () => {
  it('is refused while it boots, then works once the attached key has arrived', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'vastai');
    expect(knock(market, rented).kind).toBe('refused');
    expect(market.attachKey(rented.id, KEY)).toBe(true);
    advanceUntil(clock, () => look(market, rented.id).state === 'running');
    const sshMs = advanceUntil(clock, () => knock(market, rented).kind === 'open');
    expect(sshMs).toBeGreaterThanOrEqual(2 * SECOND);
    expect(sshMs).toBeLessThanOrEqual(21 * SECOND);
  });

  it('fails for 10 to 15 s after a key was attached to a running machine', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'vastai');
    clock.advance(10 * MINUTE);
    expect(knock(market, rented).kind).toBe('auth_failed');
    market.attachKey(rented.id, KEY);
    const waitMs = advanceUntil(clock, () => knock(market, rented).kind === 'open');
    expect(waitMs).toBeGreaterThanOrEqual(10 * SECOND);
    expect(waitMs).toBeLessThanOrEqual(15 * SECOND);
  });

  it('works through the proxy too, for root alone, and with no other key', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'vastai');
    market.attachKey(rented.id, KEY);
    clock.advance(10 * MINUTE);
    const proxy = { ...rented, sshHost: rented.proxyHost, sshPort: rented.proxyPort };
    expect(knock(market, proxy).kind).toBe('open');
    expect(knock(market, rented, `${KEY} another comment`).kind).toBe('open');
    expect(knock(market, rented, OTHER_KEY).kind).toBe('auth_failed');
    expect(knock(market, rented, KEY, 'user').kind).toBe('auth_failed');
  });

  it('stops working when the key is removed, and lists keys as soon as they are attached', async () => {
    const { clock, market } = marketWorld();
    const { id, ...rest } = await rentSome(market, 'vastai');
    market.attachKey(id, KEY);
    market.attachKey(id, KEY);
    expect(market.keys(id)).toEqual([KEY]);
    clock.advance(10 * MINUTE);
    expect(market.removeKey(id, KEY)).toBe(true);
    expect(market.removeKey(id, KEY)).toBe(false);
    expect(knock(market, { id, ...rest }).kind).toBe('auth_failed');
    expect(market.attachKey('1', KEY)).toBe(false);
  });

  it('leads nowhere once the machine is stopped or gone', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'vastai');
    market.attachKey(rented.id, KEY);
    clock.advance(10 * MINUTE);
    market.stop(rented.id, { release: false });
    expect(knock(market, rented).kind).toBe('refused');
    market.start(rented.id);
    clock.advance(MINUTE);
    expect(knock(market, rented).kind).toBe('open');
    market.destroy(rented.id);
    expect(knock(market, rented).kind).toBe('refused');
  });

  it('goes through the proxy alone where a machine has no open ports', async () => {
    const { clock, market } = marketWorld();
    const host = market.hosts('vastai').find((one) => one.directPorts === 0);
    if (!host) throw new Error('every host has open ports');
    const rented = await rentOn(market, host, { diskGb: 20 });
    market.attachKey(rented.id, KEY);
    clock.advance(10 * MINUTE);
    expect(knock(market, rented).kind).not.toBe('open');
    const proxy = { ...rented, sshHost: rented.proxyHost, sshPort: rented.proxyPort };
    expect(knock(market, proxy).kind).toBe('open');
  });
});

describe('a login on TensorDock', () => {
  it('is refused, then fails, then works 60 to 90 s after boot', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'tensordock', { bootKeys: [KEY] });
    advanceUntil(clock, () => look(market, rented.id).state === 'running');
    const met = new Set<string>();
    const waitMs = advanceUntil(clock, () => {
      const { kind } = knock(market, rented, KEY, 'user');
      met.add(kind);
      return kind === 'open';
    });
    expect([...met]).toEqual(['refused', 'auth_failed', 'open']);
    expect(waitMs).toBeGreaterThanOrEqual(59 * SECOND);
    expect(waitMs).toBeLessThanOrEqual(91 * SECOND);
    expect(knock(market, rented, KEY, 'root').kind).toBe('open');
    expect(knock(market, rented, KEY, 'ubuntu').kind).toBe('auth_failed');
  });

  it('is on 22 of a dedicated address', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'tensordock', { bootKeys: [KEY], dedicatedIp: true });
    clock.advance(5 * MINUTE);
    expect(rented.sshPort).toBe(22);
    expect(knock(market, rented).kind).toBe('open');
  });

  it('hangs where forwards are accepted and ignored', async () => {
    const { clock, market } = marketWorld();
    const joplin = market.hosts('tensordock').find((host) => host.city === 'Joplin');
    if (!joplin) throw new Error('no Joplin');
    const rented = await rentOn(market, joplin, { bootKeys: [KEY] });
    clock.advance(5 * MINUTE);
    expect(rented.sshPort).toBe(22);
    expect(knock(market, rented).kind).toBe('hangs');
  });
});

describe('a host key', () => {
  it('is the same at every look and changes when the world says so', async () => {
    const { clock, market } = marketWorld();
    const rented = await rentSome(market, 'vastai');
    market.attachKey(rented.id, KEY);
    clock.advance(10 * MINUTE);
    const first = knock(market, rented);
    clock.advance(HOUR);
    expect(knock(market, rented)).toMatchObject({ hostKey: 'hostKey' in first && first.hostKey });
    expect('hostKey' in first && first.hostKey).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    market.changeHostKey(rented.id);
    const later = knock(market, rented);
    expect('hostKey' in later && later.hostKey).not.toBe('hostKey' in first && first.hostKey);
  });
});

describe('a host that never lets anybody in', () => {
  it('listens and takes no key', async () => {
    const { clock, market } = worldOf('never_lets_in');
    const rented = await rentSome(market, 'vastai');
    market.attachKey(rented.id, KEY);
    clock.advance(3 * HOUR);
    expect(knock(market, rented).kind).toBe('auth_failed');
  });
});
