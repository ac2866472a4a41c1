import { baseBrierOf, binsOf, brierOf, launchesOn, type Shown, tableOf } from './calibration.ts';
import { MARKETS } from './calibration-markets.ts';

const SEEDS = ['1', '2', '3', '4'];
const LAUNCHES = 1_500;

/** Prints, market by market, how often launches served beside what they were shown with: `npx tsx test/inventory/print-calibration.ts`. */
function main(): void {
  const every: Shown[] = [];
  for (const kind of MARKETS) {
    const shown = SEEDS.flatMap((seed) => launchesOn(kind, { seed, launches: LAUNCHES }));
    every.push(...shown);
    print(kind.name, shown);
  }
  print('all markets together', every);
}

function print(title: string, shown: readonly Shown[]): void {
  const brier = `Brier ${brierOf(shown).toFixed(3)}; the share alone ${baseBrierOf(shown).toFixed(3)}`;
  process.stdout.write(`${title}\n${tableOf(binsOf(shown))}\n${brier}\n\n`);
}

main();
