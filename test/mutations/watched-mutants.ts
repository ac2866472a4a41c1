import type { Mutant } from './mutant.ts';

const PROVING = 'src/domain/lifecycle/proving.ts';
const REPLACING = 'src/domain/lifecycle/replacing.ts';
const LOOKING = 'src/domain/lifecycle/looking.ts';

const WRONG_HOSTS = 'half of the hosts are not what they say, and people wait for their GPUs';
const GARBLED = 'every host has other cards, and half of what is said is cut';
const CARD_LATE = 'drivers list a card less for the first moments';
const LATE_DRIVERS = 'drivers come late, and some after a reboot';
const SET_UP_ANEW = 'a machine that runs is set up anew';
const STRANGER = 'another machine is at the address and lets anybody in';
const KEYS_LOST = 'keys are lost while the broker is down';
const HOST_BACK = 'a host is away for some minutes, Vast.ai';
const HOST_GONE = 'a host goes for good, and another machine takes its place';
const OUTBID = 'a bid is outdone, and another machine takes its place';
const AGAIN_AND_AGAIN = 'machines vanish again and again, up to the hard limit';

/** What runs is what was paid for, stays what it was, and where the market takes it away another one comes in its place. */
export const WATCHED_MUTANTS: readonly Mutant[] = [
  one('readiness asks for a login alone', 'running means the GPUs that were offered', {
    edit: {
      file: PROVING,
      find: "session.request.readiness === 'gpu' && !isUsable",
      replace: 'session.request.readiness !== undefined && !isUsable && proving.at < 0',
    },
    worlds: [WRONG_HOSTS, LATE_DRIVERS],
  }),
  one('what could not be read is taken for good', 'a report that cannot be read proves no GPU', {
    edit: {
      file: PROVING,
      find: 'const isUsable = proving.report !== undefined && !seen.isFaulty;',
      replace: 'const isUsable = !seen.isFaulty;',
    },
    worlds: [GARBLED],
  }),
  one('cards are not counted', 'one card less is another machine', {
    edit: {
      file: 'src/domain/machine-check.ts',
      find: '...mismatchWhen(gpus.length < gpuCount, {',
      replace: '...mismatchWhen(gpus.length < gpuCount - 1, {',
    },
    worlds: ['every host has a card less, and people wait for their GPUs'],
  }),
  one('cards are not told apart by name', 'another model is another machine', {
    edit: {
      file: 'src/domain/machine-check.ts',
      find: '...mismatchWhen(others.length > 0, {',
      replace: '...mismatchWhen(others.length > 99, {',
    },
    worlds: ['every host has other cards, and people wait for their GPUs'],
  }),
  one('one look is enough to call a machine wrong', 'a driver that comes up is looked at again', {
    edit: {
      file: 'src/sessions/bring-up-acts.ts',
      find: 'nowMs - wrongSinceMs >= WRONG_FOR_MS',
      replace: 'nowMs - wrongSinceMs < WRONG_FOR_MS',
    },
    worlds: [CARD_LATE],
  }),
  one('a host is not held to its key', 'nothing is sent to a host with another key', {
    edit: {
      file: 'src/sessions/session-login.ts',
      find: '...(hostKey === undefined ? {} : { hostKey }),',
      replace: '...(hostKey === undefined ? {} : {}),',
    },
    worlds: [STRANGER, SET_UP_ANEW],
  }),
  one('a stranger is looked into again', 'after another host key nobody connects any more', {
    edit: {
      file: LOOKING,
      find: 'const isTrusted = hostKeyChangedAt === undefined && troubledAt === undefined;',
      replace: 'const isTrusted = hostKeyChangedAt !== 0 && troubledAt === undefined;',
    },
    worlds: [SET_UP_ANEW, STRANGER],
  }),
  one('lost keys stay lost', 'keys that the provider drops are put back', {
    edit: {
      file: LOOKING,
      find: 'instance.loginLostAt !== undefined && isGrantDue(view)',
      replace: 'instance.loginLostAt === 0 && isGrantDue(view)',
    },
    worlds: [KEYS_LOST],
  }),
  one('a host that is away for a minute is gone', 'hosts come back within minutes', {
    edit: {
      file: 'src/domain/lifecycle/decide.ts',
      find: 'return isWorthIt ? policy.hostOfflineGraceMs : policy.stoppedGraceMs;',
      replace: 'return isWorthIt ? policy.stoppedGraceMs : policy.stoppedGraceMs;',
    },
    worlds: [HOST_BACK],
  }),
  one('a host that is away is charged on', 'nothing is booked that is not billed', {
    edit: {
      file: 'src/domain/billing.ts',
      find: 'return isAway ? rule.away : undefined;',
      replace: 'return isAway ? undefined : undefined;',
    },
    worlds: [HOST_BACK],
  }),
  one('whatever was taken was stopped', 'interruptions have their true reason', {
    edit: {
      file: 'src/domain/lifecycle/decide.ts',
      find: 'if (stopCause) return STOPPED_BY[stopCause];',
      replace: 'if (stopCause === undefined && stopCause) return STOPPED_BY[stopCause];',
    },
    worlds: [OUTBID],
  }),
  one('another machine begins the reservation anew', 'what is left is kept, and no more', {
    edit: {
      file: 'src/domain/lifecycle/serving.ts',
      find: 'const reservedMs = leftMs ?? session.request.reservationHours * HOUR_MS;',
      replace:
        'const reservedMs = Math.max(leftMs ?? 0, session.request.reservationHours * HOUR_MS);',
    },
    worlds: [HOST_GONE, OUTBID],
  }),
  one('earlier runs are forgotten', 'the hard limit is on all runs together', {
    edit: {
      file: REPLACING,
      find: 'const ranMs = (session.ranBeforeMs ?? 0) + since - runningAt;',
      replace: 'const ranMs = Math.min(0, session.ranBeforeMs ?? 0);',
    },
    worlds: [AGAIN_AND_AGAIN],
  }),
  one('the wait for another machine is on the consumer', 'time without a machine is not counted', {
    edit: {
      file: REPLACING,
      find: 'const leftMs = leftAt(session, since);',
      replace: 'const leftMs = leftAt(session, since) - 240_000;',
    },
    worlds: [OUTBID, HOST_GONE],
  }),
];

interface Switched {
  readonly edit: Mutant['edits'][number];
  /** By their names. */
  readonly worlds: readonly string[];
}

function one(name: string, guard: string, { edit, worlds }: Switched): Mutant {
  return {
    name,
    guard,
    edits: [edit],
    worlds: worlds.map((directed) => ({ directed })),
    isQuick: false,
  };
}
