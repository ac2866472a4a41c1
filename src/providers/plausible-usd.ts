/**
 * Neither an hour of a machine, a bid, a GB, a bill nor an account comes to more. What is beyond is a mistake of the other
 * side's, and would not be exact as an integer of millionths.
 */
const MOST_USD = 1_000_000;

/** False for what is no number as well. */
export function isPlausibleUsd(usd: number): boolean {
  return Math.abs(usd) <= MOST_USD;
}
