import { PRICE_PARTS, type StartUp } from '../../domain/offer.ts';
import { MINUTE_MS, SECOND_MS } from '../../domain/time.ts';

/** The public name under which both APIs of this marketplace sell. */
export const MARKETPLACE = 'tensordock';

/**
 * To an address, from where on the login has its own time: 5 to 30 s were seen, and the launch's answer may take two minutes
 * itself. The whole rate is charged from the creation on, so that waiting for what will not come is dear.
 */
export const READY_TIMEOUT_MS = 6 * MINUTE_MS;

/**
 * From the first address, 5 to 30 s after the launch: the key is in 60 to 90 s after the boot, refusals before that mean nothing,
 * and good launches took up to 3.5 min in all. The whole rate is charged meanwhile.
 */
export const LOGIN_TIMEOUT_MS = 7 * MINUTE_MS;

/**
 * From the first login: packages are locked for up to 5 min, and a driver takes 2 to 3 where all goes well, some more where it is
 * compiled, and a reboot where it has to be. Five to ten are what those allowed who saw it come up; the whole rate is charged.
 */
export const DRIVER_TIMEOUT_MS = 12 * MINUTE_MS;

/**
 * Before a container starts, a fresh machine has its packages locked for up to 5 min and gets a GPU driver (seen to take
 * 2 to 3 min by hand, and more where it is compiled), Docker, and an image of 10 to 20 GB; a model's files come after that.
 */
export const SERVER_READY_TIMEOUT_MS = 45 * MINUTE_MS;

/** A login is there 60 to 90 s after the boot; the whole rate is charged from the creation on. */
export const START_UP: StartUp = {
  bootMs: 150 * SECOND_MS,
  readyTimeoutMs: READY_TIMEOUT_MS,
  serverReadyTimeoutMs: SERVER_READY_TIMEOUT_MS,
  billedParts: PRICE_PARTS,
};

/** A launch that timed out at 60 s has been seen to leave a machine; nobody knows how late one can show up. */
export const SETTLE_MS = 5 * MINUTE_MS;

/**
 * 100 calls a minute and organisation are allowed, about one create a second is recommended. At one in 600 ms a hundred and
 * one can arrive within a minute, because some take longer on their way than others: 97 leave room for that.
 */
export const GATES = { account: 620, create: SECOND_MS } as const;

export const DEADLINE_MS = {
  offers: 30 * SECOND_MS,
  /** Launches were cut at 60 s again and again, and every cut one has to be settled. */
  launch: 120 * SECOND_MS,
  read: 30 * SECOND_MS,
  /** A question that the menu waits for and can do without the answer to. */
  probe: 10 * SECOND_MS,
  /** Deleting takes more than 5 s and is carried out although the caller hung up. */
  terminate: 60 * SECOND_MS,
} as const;

/** The account by whose name all machines are made; `root` exists beside it. */
export const LOGIN_USER = 'user';
