/** A marketplace's own row of an offer, as the wire has it. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

type Value = string | number | boolean;

/** A template's filter as somebody writes it. */
export type ExtraFilters = Readonly<
  Record<string, Readonly<Record<string, Value | readonly Value[]>>>
>;

/**
 * Whether the marketplace itself would show the row in a search by this filter: an independent reading of the fact sheet,
 * sections 5.2, 5.6 and 15.3. All fields and operators have to hold; a field that the row has nothing for is passed over.
 */
export function isShownBy(row: Row, filters: ExtraFilters): boolean {
  return Object.entries(filters).every(([field, comparisons]) => {
    const has = column(row, field);
    if (has === undefined || has === null || field === 'external') return true;
    return Object.entries(comparisons).every(([operator, wanted]) => holds(has, operator, wanted));
  });
}

/** The row's value under a name that searches use, which is not always a name that rows have. */
function column(row: Row, field: string): Value | null | undefined {
  switch (field) {
    case 'geolocation':
      return String(row['geolocation']).slice(-2);
    case 'datacenter':
      return row['hosting_type'] === 1;
    case 'verified':
      return row['verification'] === 'verified';
    case 'driver_version':
      return driverNumber(String(row['driver_version']));
    case 'gpu_total_ram':
    case 'gpu_totalram':
      return Number(row['gpu_ram']) * Number(row['num_gpus']);
    case 'gpu_ram_GB':
      return Number(row['gpu_ram']) / 1000;
    case 'reliability':
      return row['reliability2'];
    default:
      return row[field];
  }
}

function holds(has: Value, operator: string, wanted: Value | readonly Value[]): boolean {
  const among = [wanted].flat().some((one) => plain(one) === plain(has));
  const [left, right] = [Number(plain(has)), Number(plain([wanted].flat()[0] ?? ''))];
  const outcomes = new Map([
    ['eq', among],
    ['in', among],
    ['neq', !among],
    ['notin', !among],
    ['gt', left > right],
    ['gte', left >= right],
    ['lt', left < right],
    ['lte', left <= right],
  ]);
  const outcome = outcomes.get(operator);
  if (outcome === undefined) throw new Error(`the reference knows no operator ${operator}`);
  return outcome;
}

/** Numbers are the same whether written as numbers or as text, drivers whether written as versions or as integers. */
function plain(value: Value): Value {
  if (typeof value !== 'string') return value;
  if (/^\d+\.\d+\.\d+$/.test(value)) return driverNumber(value);
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

/** `535.86.05` is 535086005. */
function driverNumber(version: string): number {
  return Number(
    version
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join(''),
  );
}
