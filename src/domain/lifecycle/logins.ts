import type { BrokerEvent } from '../events.ts';
import type { Instance } from '../instance.ts';
import type { Session } from '../session.ts';
import type { EpochMs } from '../time.ts';
import { type Change, factsOf, type Transition, withInstance } from './change.ts';

/** How the broker's own way into a running machine stands. */
export const LOGIN_STATES = ['ok', 'lost', 'unreachable', 'host_key_changed'] as const;
export type LoginState = (typeof LOGIN_STATES)[number];

/** What stands in the way of a login to a machine, and since when; the worst of it, where it is several things. */
export function loginTroubleOf(
  instance: Instance,
): { readonly state: Exclude<LoginState, 'ok'>; readonly since: EpochMs } | undefined {
  const { hostKeyChangedAt, loginLostAt, unreachableAt, troubledAt } = instance;
  if (hostKeyChangedAt !== undefined) return { state: 'host_key_changed', since: hostKeyChangedAt };
  if (loginLostAt !== undefined) return { state: 'lost', since: loginLostAt };
  // While the provider does not show it running nobody looks, and nobody could.
  const since = unreachableAt ?? troubledAt;
  return since === undefined ? undefined : { state: 'unreachable', since };
}

/** A login works, as it should. Nothing changes where none was missed. */
export function recordLoginWorks(position: number, at: EpochMs): Transition {
  return ofLook(position, (session, instance) => {
    const { loginLostAt, unreachableAt, ...rest } = instance;
    if (loginLostAt === undefined && unreachableAt === undefined) return undefined;
    const restored = { ...factsOf(instance, at), kind: 'login_restored' as const };
    return {
      session: withInstance(session, position, rest),
      events: loginLostAt === undefined ? [] : [restored],
    };
  });
}

/** The machine answers and does not take the key that it took before: `since` then, the first time that it was seen. */
export function recordLoginLost(
  position: number,
  { at, since }: { readonly at: EpochMs; readonly since: EpochMs },
): Transition {
  return ofLook(position, (session, instance) => {
    if (instance.loginLostAt !== undefined) return undefined;
    const { unreachableAt: _reached, ...rest } = instance;
    return {
      session: withInstance(session, position, { ...rest, loginLostAt: since }),
      events: [{ ...factsOf(instance, at), kind: 'login_lost' }],
    };
  });
}

/** Looks do not get through. That proves nothing of the work on the machine, so nothing follows from it. */
export function recordUnreachable(position: number, since: EpochMs): Transition {
  return ofLook(position, (session, instance) =>
    instance.unreachableAt === undefined
      ? {
          session: withInstance(session, position, { ...instance, unreachableAt: since }),
          events: [],
        }
      : undefined,
  );
}

/** Another host key than the pinned one: for good, because nobody can say who has been there meanwhile. */
export function recordHostKeyChanged(
  position: number,
  { at, found }: { readonly at: EpochMs; readonly found: string },
): Transition {
  return ofLook(position, (session, instance) => {
    const { hostKey: pinned } = instance;
    if (instance.hostKeyChangedAt !== undefined || pinned === undefined) return undefined;
    const event: BrokerEvent = {
      ...factsOf(instance, at),
      kind: 'host_key_changed',
      pinned,
      found,
    };
    return {
      session: withInstance(session, position, { ...instance, hostKeyChangedAt: at }),
      events: [event],
    };
  });
}

/** A look takes its time: what it found counts while the machine that it was about still serves. */
function ofLook(
  position: number,
  step: (session: Session, instance: Instance) => Change | undefined,
): Transition {
  return (session) => {
    const instance = session.instances[position];
    const isServing = instance?.state === 'launched' && instance.runningAt !== undefined;
    return isServing && session.stopAskedAt === undefined ? step(session, instance) : undefined;
  };
}
