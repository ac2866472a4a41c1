import { createServer } from 'node:net';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { createVastaiProvider } from '../../../src/providers/vastai/provider.ts';
import { wireFetchOver } from '../../../src/providers/wire-fetch.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { recordingRecorder } from '../../support/recording-recorder.ts';
import { API_KEY, failureOf, order, sealNetwork, unsealNetwork } from './fixtures.ts';

afterEach(unsealNetwork);

/** Counts who connects, and hangs up on them. */
async function listener() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    count: () => connections,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function providerAt(baseUrl: string) {
  const parts = {
    fetch: wireFetchOver(fetch),
    clock: manualClock(),
    recorder: recordingRecorder(),
  };
  return createVastaiProvider(parts, { apiKey: API_KEY, baseUrl });
}

describe('a sealed network', () => {
  it('lets a forgotten stub fail and dials nobody', async () => {
    const { baseUrl, count, close } = await listener();
    sealNetwork();
    expect(await failureOf(providerAt(baseUrl).launch(order()))).toMatchObject({
      kind: 'unavailable',
      outcome: 'unknown',
    });
    expect(count()).toBe(0);
    await close();
  });

  it('is what keeps the call inside: without it the same call connects', async () => {
    const { baseUrl, count, close } = await listener();
    nock.restore();
    await failureOf(providerAt(baseUrl).launch(order()));
    nock.activate();
    expect(count()).toBeGreaterThan(0);
    await close();
  });
});
