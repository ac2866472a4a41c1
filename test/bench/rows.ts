/** One line of the table. */
export interface Row {
  readonly id: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bar: number;
  readonly sense: 'at least' | 'at most';
  /** Smallest and largest of the pairs or tries. */
  readonly lowest: number;
  readonly highest: number;
  /** Figures behind the value, for the curious. */
  readonly details: Readonly<Record<string, number>>;
}

export interface Point {
  readonly series: string;
  /** Offers on the menu, or sessions stored. */
  readonly size: number;
  /** Processor time of the broker for one answer. */
  readonly micros: number;
}

export interface BenchReport {
  readonly machine: Readonly<Record<string, string | number>>;
  readonly mode: string;
  readonly rows: readonly Row[];
  readonly points: readonly Point[];
}

export function isMet({ value, bar, sense }: Row): boolean {
  return sense === 'at least' ? value >= bar : value <= bar;
}

/** What fails a run that is to be no judge of a busy machine, which cannot be the reason for half or twice as much. */
export function isFarOff({ value, bar, sense }: Row): boolean {
  return sense === 'at least' ? value < bar / 2 : value > bar * 2;
}

export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    `${shown(row.value)} ${row.unit}`.trim(),
    `${row.sense === 'at least' ? '≥' : '≤'} ${shown(row.bar)}`,
    `${shown(row.lowest)} – ${shown(row.highest)}`,
    isMet(row) ? 'met' : 'MISSED',
  ]);
  const lines = [
    ['what', 'measured', 'bar', 'spread', ''],
    ['---', '---', '---', '---', '---'],
    ...cells,
  ];
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n');
}

export function shown(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
