import { Type } from '@sinclair/typebox';
import { LOGIN_STATES } from '../../domain/lifecycle/logins.ts';
import { STOP_REASONS } from '../../domain/session.ts';
import { closed, instant, oneOf } from './fields.ts';

/** What becomes of a session whose machine the market takes while it runs. */
export const ON_INTERRUPTION = ['end', 'replace'] as const;

export function interruptionField() {
  return {
    on_interruption: Type.Optional(
      oneOf(ON_INTERRUPTION, {
        description:
          'What happens when the market takes the machine of a running session: `end` (default), or `replace`: another one is rented for the time that is left, under the same id and key, and with nothing of the disk of the first.',
      }),
    ),
  };
}

export const LoginAnswer = closed(
  {
    status: oneOf(LOGIN_STATES, {
      description:
        '`ok` when the last login worked; `lost`: the machine does not take the key any more, and it is being put back; `unreachable`: several logins in a row did not get through; `host_key_changed`: another host key has answered, and the broker sends nothing there any more.',
    }),
    since: Type.Optional(instant('Since when it is not `ok`.')),
  },
  {
    title: 'LoginState',
    description: 'How logins of the broker itself to the running machine go.',
  },
);

export const InterruptionAnswer = closed(
  {
    since: instant('When the machine was given up.'),
    reason: oneOf(STOP_REASONS, { description: 'What took it, in the words of `stop_reason`.' }),
    left_minutes: Type.Integer({
      minimum: 0,
      description: 'Whole minutes that the reservation still has, to run on the next machine.',
    }),
  },
  { title: 'Interruption', description: 'While another machine is looked for.' },
);
