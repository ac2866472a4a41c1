import { json } from '../json.ts';
import type { FacadeQuirks, SimHost, SimReply } from '../model.ts';
import { fits, type Room, roomOn, tensordockHost } from './capacity.ts';
import { dollars } from './dollars.ts';
import { missing, type V0Context } from './v0-context.ts';
import { withMachine } from './v0-machines.ts';

/** Dollars an hour, as a bid is meant here. */
export interface SpotPrices {
  /** Below it nothing is sold; the documents tell it nowhere in advance. */
  readonly floor: number;
  /** What of a bid is for the GPUs. */
  gpuShareOf(bid: number): number;
}

/** What a bid for a machine of this size on this host has to reach. */
export function spotPrices(
  host: SimHost,
  { gpus, vcpus, ramGb }: Omit<Room, 'diskGb'>,
  { v0BidBuys }: FacadeQuirks,
): SpotPrices {
  const beside = host.rates.vcpuHour * vcpus + host.rates.ramGbHour * ramGb;
  const included = v0BidBuys === 'machine' ? beside : 0;
  return {
    floor: dollars(host.rates.minBid * gpus + included),
    gpuShareOf: (bid) => dollars(bid - included),
  };
}

/** `POST /client/spot/validate/new`: would a deployment of these sizes at this price succeed? */
export function validateNewSpot(context: V0Context): SimReply {
  const { market, fields, quirks } = context;
  const host = tensordockHost(market, fields.get('hostnode') ?? '');
  if (host === undefined) return missing(context, 'Hostnode not found');
  const amount = (name: string) => Number(fields.get(name) ?? Number.NaN);
  const wanted = {
    gpus: amount('gpu_count'),
    vcpus: amount('vcpus'),
    ramGb: amount('ram'),
    diskGb: amount('storage'),
  };
  const { floor } = spotPrices(host, wanted, quirks);
  const isSold = host.gpu.v0Name === fields.get('gpu_model') && fits(roomOn(market, host), wanted);
  return verdict(context, { isGood: isSold && amount('price') >= floor, floor, isSold });
}

/** `POST /client/spot/validate/existing`: would this machine run at the new price? */
export function validateExistingSpot(context: V0Context): SimReply {
  return withMachine(context, 'server', ({ interruptible, host, gpuCount, vcpus, ramGb }) => {
    const { floor } = spotPrices(host, { gpus: gpuCount, vcpus, ramGb }, context.quirks);
    const isGood = interruptible && Number(context.fields.get('price')) >= floor;
    return verdict(context, { isGood, floor, isSold: interruptible });
  });
}

interface Verdict {
  readonly isGood: boolean;
  readonly floor: number;
  /** False where no price would do. */
  readonly isSold: boolean;
}

/** The collection's answer is a bare `success`; the other document's says that the question was answered, and the price. */
function verdict({ quirks }: V0Context, { isGood, floor, isSold }: Verdict): SimReply {
  if (quirks.v0SpotVerdictAs === 'bare') return json(200, { success: isGood });
  const said = isSold ? 'The price is too low' : 'Not enough resources available on hostnode';
  return json(200, {
    success: true,
    will_succeed: isGood,
    message: isGood ? 'The deployment will succeed' : said,
    ...(isSold ? { suggested_price: floor } : {}),
  });
}
