import {
  type CalibrationBin,
  calibrationOf,
  type Figures,
  figuresOf,
  type Phase,
  type Tale,
  type Toll,
  tollsOf,
} from './figures.ts';

export interface Report {
  readonly figures: readonly Figures[];
  /** Of our own strategy, over all markets together and each by itself. */
  readonly calibration: readonly CalibrationBin[];
  readonly calibrationByMix: Readonly<Record<string, readonly CalibrationBin[]>>;
  /** Of our own strategy where the targets hold. */
  readonly tolls: readonly Toll[];
  /** Promises that were broken in any of the worlds. */
  readonly violations: readonly string[];
  readonly launches: number;
}

const PHASES: readonly Phase[] = ['all', 'first two hours', 'later'];

export function reportOf(tales: readonly Tale[]): Report {
  const groups = [...grouped(tales, ({ mix, strategy }) => `${mix}, ${strategy}`).values()];
  const ours = tales.filter(({ strategy }) => strategy === 'ours');
  return {
    figures: groups.flatMap((group) => PHASES.map((phase) => figuresOf(group, phase))),
    calibration: calibrationOf(ours),
    calibrationByMix: Object.fromEntries(
      [...grouped(ours, ({ mix }) => mix)].map(([mix, own]) => [mix, calibrationOf(own)]),
    ),
    tolls: tollsOf(ours.filter(({ mix }) => mix === TARGET.mix)),
    violations: tales.flatMap(({ mix, strategy, seed, violations }) =>
      violations.map((text) => `${mix}, ${strategy}, seed ${seed}: ${text}`),
    ),
    launches: tales.flatMap(({ requests }) => requests).flatMap(({ launches }) => launches).length,
  };
}

function grouped<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
}

/** What issue 7 asks for, where six of ten offers are bad. */
export const TARGET = { mix: '60 % bad', servedShare: 0.99, attemptsP95: 4, wasteShare: 0.02 };
/** A confidence of 0.8 comes true 80 times in 100, give or take this. */
const CALIBRATED_WITHIN = 0.05;
/** Fewer launches than this say nothing about a share. */
const ENOUGH_LAUNCHES = 60;

/**
 * Whether our own strategy keeps the targets, its word, and every promise. The targets are held against a broker that has met the
 * market for two hours: one that knows nothing finds out at somebody's expense, which the tables show beside it.
 */
export function isReached({ figures, calibration, violations }: Report): boolean {
  const main = figures.filter(
    ({ mix, strategy, phase }) => mix === TARGET.mix && strategy === 'ours' && phase === 'later',
  );
  const sure = calibration.find(({ confidence }) => confidence === 0.8);
  const isCalibrated =
    !sure ||
    sure.launches < ENOUGH_LAUNCHES ||
    Math.abs(sure.came - sure.shown) <= CALIBRATED_WITHIN;
  return main.every(isOnTarget) && isCalibrated && violations.length === 0;
}

export function isOnTarget({ servedShare, attemptsP95, wasteShare }: Figures): boolean {
  return (
    servedShare >= TARGET.servedShare &&
    attemptsP95 <= TARGET.attemptsP95 &&
    wasteShare <= TARGET.wasteShare
  );
}

export function tablesOf(report: Report): string {
  return [
    ...PHASES.flatMap((phase) => figuresTable(report, phase)),
    ...calibrationTable(report.calibration),
    ...tollTable(report.tolls),
    `broken promises in ${report.launches} launches: ${report.violations.length}`,
    ...report.violations.slice(0, VIOLATIONS_TOLD),
  ].join('\n');
}

const VIOLATIONS_TOLD = 5;

function figuresTable({ figures }: Report, phase: Phase): readonly string[] {
  const rows = figures.filter((one) => one.phase === phase);
  return [
    `**${TITLES[phase]}**`,
    '',
    '| market | strategy | served | of | share | attempts, median | p95 | minutes, median | p95 | spent | wasted | wasted, of all requests |',
    '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows.map(figuresRow),
    '',
  ];
}

const TITLES: Readonly<Record<Phase, string>> = {
  all: 'All requests, from a broker without any experience on',
  'first two hours': 'Requests of the first two hours',
  later: 'Requests after the first two hours',
};

function figuresRow(one: Figures): string {
  return `| ${[
    one.mix,
    one.strategy,
    one.served,
    one.requests,
    percent(one.servedShare),
    one.attemptsMedian,
    one.attemptsP95,
    one.minutesMedian.toFixed(1),
    one.minutesP95.toFixed(1),
    `$${one.spentUsd.toFixed(0)}`,
    percent(one.wasteShare),
    percent(one.wasteShareOfAll),
  ].join(' | ')} |`;
}

function calibrationTable(bins: readonly CalibrationBin[]): readonly string[] {
  return [
    '**Shown confidence against what came**',
    '',
    '| shown, about | launches | shown, mean | came |',
    '|--:|--:|--:|--:|',
    ...bins.map(
      ({ confidence, launches, shown, came }) =>
        `| ${confidence.toFixed(1)} | ${launches} | ${percent(shown)} | ${percent(came)} |`,
    ),
    '',
  ];
}

function tollTable(tolls: readonly Toll[]): readonly string[] {
  return [
    `**What was met, and wasted on, by our own strategy in the market ${TARGET.mix}**`,
    '',
    '| host | launches | served | wasted, of all spent |',
    '|---|--:|--:|--:|',
    ...tolls.map(
      ({ met, launches, served, wasteShare }) =>
        `| ${met} | ${launches} | ${served} | ${percent(wasteShare)} |`,
    ),
    '',
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
