import type { SimInstance, SimReply } from '../model.ts';
import { canStart, liveMachine } from './capacity.ts';
import { failed, missing, succeeded, type V0Context } from './v0-context.ts';
import { listRow, singleView } from './v0-machine-views.ts';

/** `POST /client/list`: a map by uuid of every machine of the account, whichever API made it. */
export function listMachines(context: V0Context): SimReply {
  const machines = context.market.listed('tensordock');
  return succeeded({
    virtualmachines: Object.fromEntries(
      machines.map((machine) => [machine.id, listRow(context, machine)]),
    ),
  });
}

export function getMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) =>
    succeeded({ virtualmachine: singleView(context, machine) }),
  );
}

/** Without the GPUs it is refused or, as no document rules out, waits for them. */
export function startMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) => {
    if (machine.state !== 'stopped') return failed('Virtual machine is not stopped');
    const waits = context.quirks.v0StartWithoutGpusAs === 'queued';
    if (!waits && !canStart(context.market, machine)) {
      return failed('Not enough resources available on hostnode');
    }
    switch (context.market.start(machine.id)) {
      case 'unknown':
        return unknownServer(context);
      case 'unpaid':
        return failed('Insufficient balance');
      case 'refused':
        return failed('Virtual machine cannot be started');
      case 'started':
      case 'queued':
        return succeeded();
    }
  });
}

/**
 * Keeps the GPUs, and is billed as running, unless `disassociate_resources` is "true". One that is stopped already gives
 * them back, or gives its place in the queue up, and has nothing more to give after that.
 */
export function stopMachine(context: V0Context): SimReply {
  return withMachine(context, 'server', (machine) => {
    const release = context.fields.get('disassociate_resources') === 'true';
    const waits = context.quirks.v0StartWithoutGpusAs === 'queued';
    const hasMoreToGive = machine.state === 'stopped' && (!machine.released || waits);
    if (machine.state !== 'running' && !hasMoreToGive) {
      return failed('Virtual machine is not running');
    }
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
