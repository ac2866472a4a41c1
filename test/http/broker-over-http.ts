import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { type BrokerWorld, brokerWorld, type WorldSetUp } from '../support/broker-world.ts';
import { world as httpWorld } from './http-world.ts';

export type Ask = (request: InjectOptions | string) => Promise<LightMyRequestResponse>;

const STEP_MS = 20;
/** Of a minute, in which every request here is answered. */
const MAX_STEPS = 3_000;

/** A whole broker, asked over HTTP. Every answer is held against the OpenAPI document. */
export async function brokerOverHttp(
  setUp: WorldSetUp,
): Promise<{ readonly world: BrokerWorld; readonly ask: Ask }> {
  const world = await brokerWorld(setUp);
  const { clock } = world;
  const { menu, sessions, diagnostics, heartbeats, activity } = world.broker;
  const { inject } = httpWorld({
    ...{ menu, sessions, diagnostics, heartbeats, activity },
    now: () => clock.now(),
    phase: () => world.broker.phase(),
  });
  // The server is complete with its first answer. Until then it reads files, which no clock of ours can hurry.
  await inject('/ready');
  const ask: Ask = async (request) => {
    let isAnswered = false;
    const answering = inject(request).finally(() => {
      isAnswered = true;
    });
    // A request takes some turns of the loop to arrive, and its answer may wait for what needs a little time.
    for (let steps = 0; !isAnswered && steps < MAX_STEPS; steps += 1) await clock.advance(STEP_MS);
    return answering;
  };
  return { world, ask };
}
