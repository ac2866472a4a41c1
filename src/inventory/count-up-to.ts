/** How many of the numbers, which rise, are at most this. */
export function countUpTo(rising: Float64Array, most: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rising[middle] ?? 0) <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
