import type { Session } from '../../../src/domain/session.ts';
import type { Checker } from './violation.ts';

/** An account without credit refuses for all of its offers: no session asks there twice. */
export const refusersAreLeft: Checker = {
  name: 'a refusing account is left',
  onCommit: (_evidence, session) => {
    const asked = askedTwice(session);
    return asked && `${session.id} asked ${asked} again, where the account had no credit`;
  },
};

function askedTwice({ instances }: Session): string | undefined {
  const refusals = instances.filter(({ failure }) => failure?.code === 'insufficient_funds');
  const again = refusals.find((refusal) =>
    instances.some(
      (later) => later.attempt > refusal.attempt && later.provider === refusal.provider,
    ),
  );
  return again?.provider;
}
