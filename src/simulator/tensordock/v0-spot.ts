import { json } from '../json.ts';
import type { SimReply } from '../model.ts';
import { fits, roomOn, tensordockHost } from './capacity.ts';
import { missing, type V0Context } from './v0-context.ts';
import { spotFloor } from './v0-deploy-request.ts';
import { withMachine } from './v0-machines.ts';

/** `POST /client/spot/validate/new`: would a deployment of these sizes at this price succeed? */
export function validateNewSpot(context: V0Context): SimReply {
  const { market, fields } = context;
  const host = tensordockHost(market, fields.get('hostnode') ?? '');
  if (host === undefined) return missing(context, 'Hostnode not found');
  const amount = (name: string) => Number(fields.get(name) ?? Number.NaN);
  const wanted = {
    gpus: amount('gpu_count'),
    vcpus: amount('vcpus'),
    ramGb: amount('ram'),
    diskGb: amount('storage'),
  };
  const isSold = host.gpu.v0Name === fields.get('gpu_model') && fits(roomOn(market, host), wanted);
  return verdict(isSold && amount('price') >= spotFloor(host, wanted.gpus));
}

/** `POST /client/spot/validate/existing`: would this machine run at the new price? */
export function validateExistingSpot(context: V0Context): SimReply {
  return withMachine(context, 'server', ({ interruptible, host, gpuCount }) =>
    verdict(interruptible && Number(context.fields.get('price')) >= spotFloor(host, gpuCount)),
  );
}

function verdict(success: boolean): SimReply {
  return json(200, { success });
}
