import { json } from '../json.ts';
import type { SimInstance, SimReply } from '../model.ts';
import { readBody } from './body-fields.ts';
import { canStart, fits, liveMachine, roomOn } from './capacity.ts';
import type { V2Context } from './v2-context.ts';
import { errorReply } from './v2-errors.ts';
import { bareView, listRow, statusOf, wrappedView } from './v2-machine-views.ts';

/** `GET /instances`: every machine of the account, whichever API made it, in whichever envelope this world plays. */
export function listInstances({ market, quirks, countList }: V2Context): SimReply {
  const rows = market.listed('tensordock').map((machine) => listRow(market, machine));
  const isArray =
    quirks.v2ListAs === 'alternating' ? countList() % 2 === 0 : quirks.v2ListAs === 'array';
  return json(200, { data: isArray ? rows : { instances: rows } });
}

export function getInstance(context: V2Context, id: string): SimReply {
  return withMachine(context, id, (machine) => {
    const view = context.quirks.v2SingleAs === 'bare' ? bareView : wrappedView;
    return json(200, view(context.market, machine));
  });
}

/** Accepted at once and carried out later; a second call while it is being carried out is accepted too. */
export function deleteInstance(context: V2Context, id: string): SimReply {
  return withMachine(context, id, () =>
    context.market.destroy(id) ? success(context, 'Instance deleted') : missing(),
  );
}

/** Refused without the GPUs: no document knows of a start that waits for them. */
export function startInstance(context: V2Context, id: string): SimReply {
  return withMachine(context, id, (machine) => {
    if (machine.state !== 'stopped') return errorReply(400, 'Instance is not stopped');
    if (!canStart(context.market, machine)) return errorReply(400, 'No available nodes found');
    return context.market.start(id) === 'unknown' ? missing() : underWay(id, 'starting');
  });
}

/** The call has no way to say what becomes of the GPUs; whether they are kept is the world's to play. */
export function stopInstance(context: V2Context, id: string): SimReply {
  return withMachine(context, id, (machine) => {
    if (machine.state !== 'running') return errorReply(400, 'Instance is not running');
    const release = context.quirks.v2StopAs === 'released';
    return context.market.stop(id, { release }) ? underWay(id, 'stopping') : missing();
  });
}

/** Checked and accepted; the marketplace's machines keep their size, so a later look shows the old one. */
export function modifyInstance(context: V2Context, id: string): SimReply {
  return withMachine(context, id, (machine) => {
    const fields = readBody(context.request.body);
    const wanted = {
      vcpus: fields.optionalInteger(['cpuCores'], 1) ?? machine.vcpus,
      ramGb: fields.optionalInteger(['ramGb'], 1) ?? machine.ramGb,
      diskGb: fields.optionalInteger(['diskGb'], machine.diskGb) ?? machine.diskGb,
      gpus: fields.optionalInteger(['gpus', 'count'], 1) ?? machine.gpuCount,
    };
    const model = fields.optionalText(['gpus', 'gpuV0Name']) ?? machine.host.gpu.v0Name;
    if (fields.issues.length > 0) return json(400, fields.issues);
    if (statusOf(context.market, machine) !== 'stopped') {
      return errorReply(400, 'Instance must be stopped before it can be modified');
    }
    const hasRoom = model === machine.host.gpu.v0Name && fits(roomFor(context, machine), wanted);
    return hasRoom
      ? success(context, 'Instance modified')
      : errorReply(400, 'Insufficient capacity');
  });
}

/** What the machine holds already counts as free for its own new size. */
function roomFor({ market }: V2Context, machine: SimInstance) {
  const free = roomOn(market, machine.host);
  const held = machine.released ? 0 : 1;
  return {
    gpus: free.gpus + held * machine.gpuCount,
    vcpus: free.vcpus + held * machine.vcpus,
    ramGb: free.ramGb + held * machine.ramGb,
    diskGb: free.diskGb + machine.diskGb,
  };
}

function withMachine(
  { market }: V2Context,
  id: string,
  answer: (machine: SimInstance) => SimReply,
): SimReply {
  const machine = liveMachine(market, id);
  return machine === undefined ? missing() : answer(machine);
}

function missing(): SimReply {
  return errorReply(404, 'Instance not found');
}

/** `{"success":true}` goes with what was seen live, the envelope with the OpenAPI document. */
function success({ quirks }: V2Context, message: string): SimReply {
  const wrapped = { data: { type: 'success', message } };
  return json(200, quirks.v2SingleAs === 'bare' ? { success: true } : wrapped);
}

function underWay(id: string, status: 'starting' | 'stopping'): SimReply {
  return json(200, { data: { type: 'virtualmachine', id, attributes: { status } } });
}
