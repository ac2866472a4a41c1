import type { StartUp } from '../../domain/offer.ts';
import { MINUTE_MS } from '../../domain/time.ts';

/** Minutes are typical, slow hosts take ten and more to pull an image. */
export const READY_TIMEOUT_MS = 15 * MINUTE_MS;
/** Images of 15 to 20 GB mostly take up to 15 min, and on slow hosts up to an hour; the model's files come after that. */
export const SERVER_READY_TIMEOUT_MS = 40 * MINUTE_MS;

/**
 * From the first address, which is there when the container runs: it listens some seconds later, an attached key works after 10
 * to 15 s, and logins were proven 58 to 200 s after the launch. Hosts that go on refusing the key were not seen to come
 * round, and the GPU is charged meanwhile.
 */
export const LOGIN_TIMEOUT_MS = 4 * MINUTE_MS;

/** The host has the driver before it is listed; cards that nobody keeps awake take some seconds to answer. */
export const DRIVER_TIMEOUT_MS = MINUTE_MS;

/** The disk is charged from the contract on, the GPU while the container runs. */
export const START_UP: StartUp = {
  bootMs: MINUTE_MS,
  readyTimeoutMs: READY_TIMEOUT_MS,
  serverReadyTimeoutMs: SERVER_READY_TIMEOUT_MS,
  billedParts: ['disk'],
};
