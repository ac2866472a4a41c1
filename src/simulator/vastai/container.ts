import type { PortWish, SimContainer } from '../model.ts';
import type { CreateOrder } from './create-order.ts';
import { publishedPorts } from './published-ports.ts';
import { isArgs, isDirect, isJupyter } from './runtype.ts';

const JUPYTER_PORT = 8080;

/** What the machine is to map besides SSH, as far as its own ports reach. */
export function portWishes(
  { env, runtype }: Pick<CreateOrder, 'env' | 'runtype'>,
  directPorts: number,
): readonly PortWish[] {
  const own = isDirect(runtype) && isJupyter(runtype) ? [JUPYTER_PORT] : [];
  const tcp = publishedPorts(env).filter(({ protocol }) => protocol === 'tcp');
  const inside = new Set([...own, ...tcp.map(({ internal }) => internal)]);
  inside.delete(22);
  const reserved = isDirect(runtype) ? 1 : 0;
  return [...inside]
    .slice(0, Math.max(0, directPorts - reserved))
    .map((internalPort) => ({ internalPort, externalPort: null }));
}

/**
 * The program that a machine runs in args mode; in the other modes the entrypoint is replaced and nothing of the image's
 * own runs. An `onstart` takes the entrypoint's place, so whatever was to serve does not (§7.1).
 */
export function containerFor(order: CreateOrder): SimContainer | null {
  if (!isArgs(order.runtype)) return null;
  const isReplaced = order.onstart !== null;
  return {
    image: order.image,
    args: isReplaced ? [] : order.args,
    env: Object.fromEntries(order.env.filter(([key]) => !key.startsWith('-'))),
    ports: isReplaced ? [] : publishedPorts(order.env).map(({ internal }) => internal),
  };
}
