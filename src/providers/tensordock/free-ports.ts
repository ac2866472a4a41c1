/** As many as a launch can ask for, 16 and SSH's, and some for launches that meet on one host between two refreshes. */
const MAX_KEPT = 24;

/** Below are ports such as 80 and 443, of which a host has one each: the last to be taken. */
const LOWEST_HIGH_PORT = 10_000;

/** Of a host's free ports those that an offer keeps. */
export function keptPorts(free: readonly number[]): number[] {
  const inOrder = [...new Set(free)].sort((left, right) => left - right);
  const isHigh = (port: number): boolean => port >= LOWEST_HIGH_PORT;
  const low = inOrder.filter((port) => !isHigh(port));
  return [...inOrder.filter(isHigh), ...low].slice(0, MAX_KEPT);
}

/**
 * So many external ports, spread by the tag, so that two launches from one look at a host seldom ask for the same ones.
 * Undefined when the host has not as many.
 */
export function externalPortsFor(
  tag: string,
  kept: readonly number[],
  count: number,
): number[] | undefined {
  const high = kept.filter((port) => port >= LOWEST_HIGH_PORT);
  const pool = high.length >= count ? high : kept;
  if (pool.length < count) return undefined;
  const first = sumOf(tag) % pool.length;
  return [...pool.slice(first), ...pool.slice(0, first)].slice(0, count);
}

function sumOf(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
