const THOUSANDS = [
  { from: 1e9, suffix: ' Bil' },
  { from: 1e6, suffix: ' Mil' },
  { from: 1e3, suffix: ' K' },
] as const;
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const SPANS = [
  { from: 86_400, suffix: ' day' },
  { from: 3_600, suffix: ' h' },
  { from: 60, suffix: ' min' },
  { from: 1, suffix: ' s' },
  { from: 1e-3, suffix: ' ms' },
] as const;

/** A figure as a panel with this unit shows it: `short`, `currencyUSD`, `s` and `bytes` are the ones in use. */
export function inUnit(value: number, unit: string): string {
  if (unit === 'currencyUSD') return `${value < 0 ? '-' : ''}$${short(Math.abs(value), 2)}`;
  if (unit === 's') return span(value);
  if (unit === 'bytes') return bytes(value);
  return short(value, 2);
}

function short(value: number, digits: number): string {
  const size = THOUSANDS.find(({ from }) => Math.abs(value) >= from);
  return size ? `${figure(value / size.from, digits)}${size.suffix}` : figure(value, digits);
}

function span(seconds: number): string {
  const size = SPANS.find(({ from }) => Math.abs(seconds) >= from);
  if (size) return `${figure(seconds / size.from, 1)}${size.suffix}`;
  return seconds === 0 ? '0 s' : `${figure(seconds * 1e6, 0)} µs`;
}

function bytes(count: number): string {
  const power = Math.min(
    BYTES.length - 1,
    Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)),
  );
  return `${figure(count / 1_024 ** power, 1)} ${BYTES[power]}`;
}

/** At most so many digits behind the point, and no noughts at the end. */
function figure(value: number, digits: number): string {
  const small = Math.abs(value) > 0 && Math.abs(value) < 0.1 ? digits + 1 : digits;
  return String(Number(value.toFixed(small)));
}
