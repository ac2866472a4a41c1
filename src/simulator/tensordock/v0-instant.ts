import { createHash } from 'node:crypto';
import type { Marketplace, SimHost, SimReply } from '../model.ts';
import { fits, listedHosts, type Room, roomOn } from './capacity.ts';
import { dollars } from './dollars.ts';
import { firstBoot } from './first-boot.ts';
import { failed, missing, succeeded, type V0Context } from './v0-context.ts';
import { bootKeysIn, loginComplaint, runcmdIn } from './v0-deploy-request.ts';

/** A machine of fixed size that a host keeps ready. */
interface InstantVm {
  readonly uuid: string;
  readonly preconfigId: string;
  readonly host: SimHost;
  readonly size: Room;
}

/** The real list was short: two sizes in the documents. */
const MAX_INSTANT_VMS = 3;
const SYSTEM = 'Ubuntu 22.04 LTS';

/** `GET /client/deploy/instantvms`. */
export function listInstantVms({ market }: V0Context): SimReply {
  const vms = instantVms(market);
  const options = new Map(vms.map((vm) => [vm.preconfigId, optionView(vm)]));
  return succeeded({
    preconfig_options: [...options.values()],
    virtual_machines: Object.fromEntries(vms.map((vm) => [vm.uuid, vmView(vm)])),
  });
}

/** `POST /client/deployinstant/single`. */
export async function deployInstant(context: V0Context): Promise<SimReply> {
  const { market, fields } = context;
  const name = fields.get('name') ?? '';
  if (name === '') return failed('Missing required field: name');
  const complaint = loginComplaint(fields);
  if (complaint !== undefined) return failed(complaint);
  const isServer = context.quirks.v0InstantAs === 'server';
  const uuid = fields.get(isServer ? 'instant_vm' : 'instance_uuid');
  const vm = instantVms(market).find((each) => each.uuid === uuid);
  if (vm === undefined) return missing(context, 'Instant VM not found');
  const boot = firstBoot(runcmdIn(fields), context.quirks.dockImageAs);
  const result = await market.rent({
    market: 'tensordock',
    hostId: vm.host.id,
    gpuCount: vm.size.gpus,
    vcpus: vm.size.vcpus,
    ramGb: vm.size.ramGb,
    diskGb: vm.size.diskGb,
    label: name,
    image: SYSTEM,
    madeBy: 'tensordock-v0',
    dedicatedIp: false,
    interruptible: false,
    bid: null,
    bootKeys: bootKeysIn(fields, boot),
    container: boot.container,
    onStart: boot.onStart,
    driver: boot.driver,
    ports: [],
  });
  if (result.kind === 'rented')
    return succeeded({ [isServer ? 'server' : 'vm']: result.instance.id });
  return failed(
    result.kind === 'no_credit' ? 'Insufficient balance' : 'Instant VM is no longer available',
  );
}

/** One GPU's share of the first hosts that forward ports and still have it whole. */
function instantVms(market: Marketplace): InstantVm[] {
  return listedHosts(market)
    .filter((host) => host.portForwards)
    .map((host) => ({ host, size: shareOf(host) }))
    .filter(({ host, size }) => fits(roomOn(market, host), size))
    .slice(0, MAX_INSTANT_VMS)
    .map(({ host, size }) => ({
      host,
      size,
      uuid: uuidFrom(`instant ${host.id}`),
      preconfigId: uuidFrom(`preconfig ${host.gpu.v0Name} ${Object.values(size).join(' ')}`),
    }));
}

function shareOf(host: SimHost): Room {
  const share = (amount: number) => Math.max(2, 2 * Math.floor(amount / host.gpuCount / 2));
  return {
    gpus: 1,
    vcpus: share(host.vcpus),
    ramGb: share(host.ramGb),
    diskGb: share(host.diskGb),
  };
}

function optionView(vm: InstantVm) {
  return {
    cpu_count: vm.size.vcpus,
    gpu_count: [vm.size.gpus],
    gpu_model: [vm.host.gpu.v0Name],
    operating_system: SYSTEM,
    ram: vm.size.ramGb,
    storage: vm.size.diskGb,
    uuid: vm.preconfigId,
  };
}

function vmView({ host, size, uuid, preconfigId }: InstantVm) {
  return {
    city: host.city,
    country: host.country,
    cpu_count: size.vcpus,
    cpu_model: host.cpuName,
    dc_name: `Host ${host.ownerId}`,
    dc_tier: host.tier,
    gpu_count: [size.gpus],
    gpu_model: [host.gpu.v0Name],
    hostnode: host.id,
    location: host.locationId,
    preconfig_id: preconfigId,
    price: pricesOf(host, size),
    ram: size.ramGb,
    stateprovince: host.region,
    storage: size.diskGb,
    uptime: host.reliability.toFixed(4),
    uuid,
  };
}

function pricesOf({ rates }: SimHost, size: Room) {
  const gpu = dollars(rates.gpuHour * size.gpus);
  const vcpus = dollars(rates.vcpuHour * size.vcpus);
  const ram = dollars(rates.ramGbHour * size.ramGb);
  const storage = dollars(rates.storage * size.diskGb);
  return {
    compute_price: (gpu + vcpus + ram).toFixed(6),
    gpu_price: gpu.toFixed(6),
    price: (gpu + vcpus + ram + storage).toFixed(6),
    ram_price: ram.toFixed(6),
    storage_price: storage.toFixed(6),
    vcpus_price: vcpus.toFixed(6),
  };
}

/** The same text gives the same uuid, so that a listed one can be deployed by a later call. */
function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const groups = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...groups, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}
