import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  API_KEY,
  failureOf,
  offer,
  order,
  sealNetwork,
  TAG,
  unsealNetwork,
  vastaiWorld,
  wire,
} from './fixtures.ts';

beforeEach(sealNetwork);
afterEach(unsealNetwork);

const ASK = '/api/v0/asks/30112233/';

describe('Vast.ai launch', () => {
  it('rents with the tag in the call itself, on demand, and never as a stopped contract', async () => {
    const bodies: unknown[] = [];
    wire()
      .put(ASK)
      .reply(200, (_, body) => {
        bodies.push(body);
        return { success: true, new_contract: 54540011, instance_api_key: '0f3csecret' };
      });
    const { provider, recorder } = vastaiWorld();
    const receipt = await provider.launch(order());
    expect(receipt).toEqual({ id: '54540011' });
    expect(JSON.stringify(recorder.notes)).not.toContain('0f3csecret');
    expect(bodies).toEqual([
      {
        client_id: 'me',
        image: 'nvidia/cuda:12.4.1-base-ubuntu22.04',
        label: TAG,
        disk: 60,
        runtype: 'ssh_direct',
        target_state: 'running',
        cancel_unavail: true,
        onstart: expect.stringMatching(/touch ~\/\.no_auto_tmux$/),
      },
    ]);
  });

  it.each([
    ['12.3', undefined, 'nvidia/cuda:11.8.0-base-ubuntu22.04'],
    ['12.4', undefined, 'nvidia/cuda:12.4.1-base-ubuntu22.04'],
    ['13.0', undefined, 'nvidia/cuda:12.4.1-base-ubuntu22.04'],
    ['11.8', 'ours/base:1', 'ours/base:1'],
  ])('on a driver of CUDA %s with image %s starts %s', async (cudaVersion, configured, image) => {
    wire()
      .put(ASK, (body) => body.image === image)
      .reply(200, { success: true, new_contract: 5 });
    const { provider } = vastaiWorld(configured === undefined ? {} : { image: configured });
    expect(await provider.launch(order({ offer: offer({ cudaVersion }) }))).toEqual({ id: '5' });
  });

  it('refuses an offer that it did not make, without a call', async () => {
    const { provider, recorder } = vastaiWorld();
    for (const stranger of [offer({ api: 'other' }), offer({ adapterData: {} })]) {
      expect(await failureOf(provider.launch(order({ offer: stranger })))).toMatchObject({
        kind: 'invalid',
        outcome: 'not_done',
      });
    }
    expect(recorder.notes).toEqual([]);
  });

  it('gives up after a minute, not knowing what became of it', async () => {
    const arrived = new Promise((resolve) => {
      wire()
        .put(ASK)
        .delay(3_600_000)
        .reply(200, () => ({}))
        .on('request', resolve);
    });
    const { provider, clock } = vastaiWorld();
    const failure = failureOf(provider.launch(order()));
    await arrived;
    await clock.advance(59_999);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await failure).toMatchObject({ kind: 'unavailable', outcome: 'unknown' });
    nock.abortPendingRequests();
  });

  it.each([
    ['a reset connection', 'ECONNRESET', 'unknown'],
    ['a refused connection', 'ECONNREFUSED', 'not_done'],
  ])('after %s says %s: %s', async (_, code, outcome) => {
    wire()
      .put(ASK)
      .replyWithError(Object.assign(new Error('broken'), { code }));
    expect(await failureOf(vastaiWorld().provider.launch(order()))).toMatchObject({
      kind: 'unavailable',
      outcome,
    });
  });

  it('spaces launches by more than the published interval', async () => {
    wire().put(ASK).times(2).reply(200, { success: true, new_contract: 5 });
    const { provider, clock } = vastaiWorld();
    await provider.launch(order());
    await provider.launch(order());
    expect(clock.monotonicMs()).toBeGreaterThan(4_500);
  });

  it('shows no key and nothing of an answer that echoes the request', async () => {
    wire()
      .put(ASK)
      .reply(400, {
        success: false,
        error: 'invalid_args',
        msg: `error 400/3471: Invalid args: {"env":{"TOKEN":"hf_secret"}} for ${API_KEY}`,
      });
    const { provider, recorder } = vastaiWorld();
    const failure = await failureOf(provider.launch(order()));
    const shown = JSON.stringify([failure, failure.message, failure.stack, recorder.notes]);
    expect(failure.detail).toContain('invalid_args');
    expect(shown).not.toContain('hf_secret');
    expect(shown).not.toContain(API_KEY);
  });
});
