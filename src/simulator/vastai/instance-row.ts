import { createHash } from 'node:crypto';
import type { SimInstance } from '../model.ts';
import type { Contract } from './contracts.ts';
import type { Desk } from './desk.ts';
import { machineRow } from './hardware-row.ts';
import { type InstanceStatus, instanceStatus } from './instance-status.ts';
import { breakdown, gpuPrice, leastBid } from './offer-row.ts';
import { publishedPorts } from './published-ports.ts';
import { isDirect, isJupyter } from './runtype.ts';
import type { Row } from './wire.ts';

/** An instance as lists and single reads show it (§8.4). */
export function instanceRow(desk: Desk, instance: SimInstance): Row {
  const now = desk.market.clock.now();
  const contract = desk.contracts.of(instance.id);
  const isQueued = desk.contracts.isQueued(instance);
  const status = instanceStatus(instance, { now, isQueued, quirks: desk.quirks });
  return {
    id: Number(instance.id),
    ...machineRow(instance.host, instance.gpuCount, desk.market.trafficRates(instance.host)),
    ...statusRow(status),
    label: instance.label,
    ...contractRow(instance, contract),
    ...addressRow(instance, contract, status),
    ...gpuRow(instance),
    ...priceRow(desk, instance, contract),
    ...timeRow(instance, now),
    disk_space: instance.diskGb,
    disk_usage: instance.runningSince === null ? -1 : 4.2,
    country_code: null,
    volume_info: [],
  };
}

function statusRow(status: InstanceStatus): Row {
  return {
    actual_status: status.actual,
    intended_status: status.intended,
    cur_state: status.current,
    next_state: status.next,
    status_msg: status.message,
  };
}

/** What the renter wrote, echoed: secrets in the environment and all. */
function contractRow(instance: SimInstance, contract: Contract): Row {
  return {
    image_uuid: instance.image,
    image_args: contract.args,
    image_runtype: contract.runtype,
    extra_env: contract.env,
    onstart: contract.onstart,
    template_id: contract.templateId,
    template_hash_id: contract.templateHashId,
    template_name: contract.templateName,
    jupyter_token: createHash('sha256').update(`jupyter-${instance.id}`).digest('hex'),
    is_bid: instance.interruptible,
  };
}

function addressRow(instance: SimInstance, contract: Contract, status: InstanceStatus): Row {
  const isRunning = instance.state === 'running';
  const hasProxy = status.actual !== null;
  return {
    ssh_host: hasProxy ? instance.proxyHost : null,
    ssh_port: hasProxy ? shownProxyPort(instance, contract) : null,
    ssh_idx: hasProxy ? (/\d+/.exec(instance.proxyHost)?.[0] ?? null) : null,
    machine_dir_ssh_port: instance.sshPort,
    // The server reads it from a command's output and keeps the line's end.
    public_ipaddr: isRunning ? `${instance.sshHost}\n` : null,
    local_ipaddrs: isRunning ? '10.0.0.5 172.17.0.2 \n' : null,
    ports: isRunning ? portMap(instance, contract) : null,
    direct_port_start: -1,
    direct_port_end: -1,
  };
}

/** In jupyter modes the proxy's SSH port is one above the one that is shown (§12.1). */
function shownProxyPort(instance: SimInstance, contract: Contract): number {
  return isJupyter(contract.runtype) ? instance.proxyPort - 1 : instance.proxyPort;
}

/** Container ports that the machine maps to its own; a machine without direct ports maps none. UDP leads nowhere here. */
function portMap(instance: SimInstance, contract: Contract): Row {
  if (instance.host.directPorts === 0) return {};
  const ssh = isDirect(contract.runtype) ? [['22/tcp', bindings(instance.sshPort)]] : [];
  const tcp = instance.openPorts.map(({ internalPort, externalPort }) => [
    `${internalPort}/tcp`,
    bindings(externalPort),
  ]);
  const udp = publishedPorts(contract.env)
    .filter(({ protocol }) => protocol === 'udp')
    .map(({ internal }, index) => [`${internal}/udp`, bindings(instance.sshPort + 1 + index)]);
  return Object.fromEntries([...ssh, ...tcp, ...udp]);
}

function bindings(port: number): readonly Row[] {
  return [
    { HostIp: '0.0.0.0', HostPort: String(port) },
    { HostIp: '::', HostPort: String(port) },
  ];
}

function gpuRow(instance: SimInstance): Row {
  const isRunning = instance.state === 'running';
  return {
    gpu_totalram: instance.host.gpu.vramMb * instance.gpuCount,
    gpu_util: isRunning ? 3 : null,
    gpu_temp: isRunning ? 41 : null,
    cpu_util: isRunning ? 0.02 : null,
    mem_limit: isRunning ? instance.ramGb : null,
    mem_usage: isRunning ? 1.4 : null,
  };
}

/** `dph_*` and `search` are the price while it runs; `instance` is what runs up in its present state. */
function priceRow(desk: Desk, instance: SimInstance, contract: Contract): Row {
  const { host, gpuCount, diskGb } = instance;
  const rate = desk.market.rate(instance.id);
  const gpuHour = instance.state === 'running' ? rate.gpu : restingPrice(desk, instance, contract);
  return {
    // What somebody else pays is the least that wins the machine back.
    min_bid: instance.outbidAt ?? leastBid(host, gpuCount),
    dph_base: gpuHour,
    dph_total: gpuHour + rate.disk,
    storage_total_cost: rate.disk,
    search: breakdown(gpuHour, rate.disk),
    instance: breakdown(rate.gpu, rate.disk),
    credit_balance: null,
    credit_discount: null,
    disk_util: diskGb === 0 ? -1 : 4.2,
  };
}

/** The GPU price of a contract that does not run. Which one a bid's contract shows is not documented. */
function restingPrice(
  { quirks }: Desk,
  { host, gpuCount }: SimInstance,
  { bid }: Contract,
): number {
  const listed = gpuPrice(host, gpuCount);
  return quirks.restingBidAs === 'bid' ? (bid ?? listed) : listed;
}

function timeRow(instance: SimInstance, now: number): Row {
  const { createdAt, runningSince, contractUntil } = instance;
  const leftMs = Math.max(0, contractUntil - now);
  return {
    start_date: Math.round(createdAt) / 1_000,
    end_date: contractUntil / 1_000,
    duration: leftMs / 1_000,
    uptime_mins: runningSince === null ? null : (now - runningSince) / 60_000,
    time_remaining: `${Math.floor(leftMs / 86_400_000)} D`,
  };
}
