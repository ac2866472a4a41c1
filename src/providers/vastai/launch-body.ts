import { toUsd } from '../../domain/money.ts';
import { type Container, containerOf, type LoginWorkload } from '../../domain/workload.ts';
import type { LaunchOrder } from '../../ports/provider.ts';
import { startScript } from './start-script.ts';

type Body = Readonly<Record<string, unknown>>;

/**
 * What is asked for with a launch. `price` goes with a bid alone, because its presence makes the contract interruptible: it is
 * dollars an hour for the whole offer, without the disk (docs; one source says per GPU). `cancel_unavail`, so that a machine
 * that cannot start now refuses instead of leaving a stopped contract behind.
 */
export function launchBody(order: LaunchOrder, loginImage: string): Body {
  const { workload, offer, bidPerHour } = order;
  const terms = {
    client_id: 'me',
    label: order.tag,
    disk: order.diskGb,
    target_state: 'running',
    cancel_unavail: true,
    ...(bidPerHour === undefined ? {} : { price: toUsd(bidPerHour) }),
  };
  switch (workload.kind) {
    case 'ssh':
      return { ...terms, ...loginBody(workload, loginImage) };
    case 'entrypoint':
      return { ...terms, ...serverBody(containerOf(workload, offer.gpuCount)) };
  }
}

/**
 * What the request says goes before what the template says, field by field. So its image, variables and ports are left to
 * the template, and only the runtype is ours: a template that starts Jupyter or its own entrypoint would have no login.
 */
function loginBody(workload: LoginWorkload, loginImage: string): Body {
  const { template } = workload;
  const onstart = startScript(workload);
  return {
    ...(template ? { template_hash_id: template.hashId } : { image: loginImage }),
    runtype: 'ssh_direct',
    ...(onstart === undefined ? {} : { onstart }),
  };
}

/** No `onstart`: with `args` it would take the place of the image's entrypoint. */
function serverBody({ image, args, env, ports }: Container): Body {
  return {
    image,
    runtype: 'args',
    args,
    // Docker's options are written as variables with the value 1; the machine's side of a mapping is chosen by the machine.
    env: { ...env, ...Object.fromEntries(ports.map((port) => [`-p ${port}:${port}`, '1'])) },
  };
}
