import type { SimInstance, SimReply } from '../model.ts';
import { canStart, liveMachine } from './capacity.ts';
import { failed, missing, succeeded, type V0Context } from './v0-context.ts';
import { listRow, singleView } from './v0-machine-views.ts';

/** `POST /client/list`: a map by uuid of every machine of the account, whichever API made it. */
export function listMachines({ market }: V0Context): SimReply {
  const machines = market.listed('tensordock');
  return succeeded({
    virtualmachines: Object.fromEntries(
      machines.map((machine) => [machine.id, listRow(market, machine)]),
    ),
  });
}

export function getMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) =>
    succeeded({ virtualmachine: singleView(context.market, machine) }),
  );
}

/** Refused without the GPUs: no document knows of a start that waits for them. */
export function startMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) => {
    if (machine.state !== 'stopped') return failed('Virtual machine is not stopped');
    if (!canStart(context.market, machine)) {
      return failed('Not enough resources available on hostnode');
    }
    const answer = context.market.start(machine.id);
    return answer === 'unknown' ? unknownServer(context) : succeeded();
  });
}

/** Keeps the GPUs, and is billed as running, unless `disassociate_resources` is "true". */
export function stopMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) => {
    if (machine.state !== 'running') return failed('Virtual machine is not running');
    const release = context.fields.get('disassociate_resources') === 'true';
    return context.market.stop(machine.id, { release }) ? succeeded() : unknownServer(context);
  });
}

/** Takes machines on network storage only, and no host here has any. The parameter has another name here. */
export function modifyMachine(context: V0Context): SimReply {
  return withMachine(context, 'server_id', (machine) =>
    machine.state === 'stopped'
      ? failed('Virtual machine must be of type network storage to be modified')
      : failed('Virtual machine must be stopped before modifying'),
  );
}

export function deleteMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) =>
    context.market.destroy(machine.id) ? succeeded() : unknownServer(context),
  );
}

export function withMachine(
  context: V0Context,
  field: 'server' | 'server_id',
  answer: (machine: SimInstance) => SimReply,
): SimReply {
  const id = context.fields.get(field);
  if (id === null || id === '') return failed(`Missing required field: ${field}`);
  const machine = liveMachine(context.market, id);
  return machine === undefined ? unknownServer(context) : answer(machine);
}

function unknownServer(context: V0Context): SimReply {
  return missing(context, 'Virtual machine not found');
}
