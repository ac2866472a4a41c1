import type { Workload } from '../../domain/workload.ts';
import type { LaunchOrder } from '../../ports/provider.ts';
import { bootCommands } from './cloud-init.ts';
import { bareKey } from './cloud-init-keys.ts';
import { notLaunchable } from './launch-failures.ts';
import { SSH_PORT } from './port-forwards.ts';

/** What an order asks of the machine itself, whichever API makes it. */
export interface OrderedMachine {
  readonly tag: string;
  readonly image: string;
  readonly diskGb: number;
  /** Type and key, without comment. */
  readonly key: string;
  /** What the first boot runs. */
  readonly commands: readonly string[];
  /** Ports besides SSH's that have to be reached from outside. */
  readonly ports: readonly number[];
}

/** Throws for what this marketplace cannot make of an order, before anything is asked of it. */
export function orderedMachine(order: LaunchOrder, image: string): OrderedMachine {
  const { workload, offer } = order;
  const key = bareKey(order.publicKey);
  if (!key) throw notLaunchable('the public key is not in OpenSSH form');
  if (workload.kind === 'ssh' && workload.template) {
    throw notLaunchable('this marketplace has no templates');
  }
  const ports = portsOf(workload);
  if (ports.includes(SSH_PORT)) throw notLaunchable("port 22 is the machine's own");
  return {
    tag: order.tag,
    image,
    diskGb: order.diskGb,
    key,
    commands: bootCommands({
      key,
      workload,
      gpuCount: offer.gpuCount,
      ...(order.needsGpus ? { needsGpus: true } : {}),
    }),
    ports,
  };
}

function portsOf(workload: Workload): readonly number[] {
  return workload.kind === 'entrypoint' ? workload.ports : [];
}
