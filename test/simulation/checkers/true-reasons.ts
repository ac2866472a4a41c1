import type { FailureCode, Instance } from '../../../src/domain/instance.ts';
import { currentInstance, type Session } from '../../../src/domain/session.ts';
import type { SimInstance } from '../../../src/simulator/model.ts';
import type { Checker, Evidence } from './violation.ts';

/**
 * Where the market interrupts a session, what is said of it is what the market did: held against the machine's truth in the
 * moment in which the attempt is given up.
 */
export const trueReasons: Checker = {
  name: 'interruptions have their true reason',
  onCommit: (evidence, session, before) => {
    for (const [position, row] of session.instances.entries()) {
      const earlier = before?.instances[position];
      if (row.failure === undefined || earlier?.failure !== undefined) continue;
      if (earlier?.runningAt === undefined) continue;
      const message = untruth(evidence, session, row);
      if (message !== undefined) return message;
    }
    return undefined;
  },
};

function untruth({ market, now }: Evidence, session: Session, row: Instance): string | undefined {
  const machine = market.instance(row.providerInstanceId ?? '');
  const code = row.failure?.code;
  if (!machine || code === undefined || row.attempt !== currentInstance(session)?.attempt) {
    return undefined;
  }
  const allowed = reasonsOf(machine, row);
  return allowed.includes(code)
    ? undefined
    : `${session.id} was given up for ${code} at ${now()}, and its machine is ${machine.state}, stopped for ${machine.stoppedFor ?? 'nothing'}, offline since ${machine.offlineSince ?? 'never'}; that would be ${allowed.join(' or ')}`;
}

/** What may be said of a machine in that state. */
function reasonsOf(machine: SimInstance, { api }: Instance): readonly FailureCode[] {
  if (machine.state === 'gone') return ['instance_lost'];
  if (machine.state === 'broken') return ['instance_failed'];
  switch (machine.stoppedFor) {
    case null:
      return machine.offlineSince === null ? [] : ['host_offline'];
    case 'outbid':
      // The newer API of that marketplace has one word for all that stopped.
      if (api === 'tensordock-v2') return ['instance_stopped'];
      // Once nobody pays more, nothing tells any longer why it stopped.
      return machine.outbidAt === null ? ['outbid', 'instance_stopped'] : ['outbid'];
    case 'contract end':
      return ['contract_expired'];
    case 'lack of credit':
      return ['out_of_credit'];
    case 'host':
    case 'renter':
      return ['instance_stopped'];
  }
}
