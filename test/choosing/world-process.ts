import process from 'node:process';
import { type Errand, worldOf } from './errand.ts';
import { taleOf } from './figures.ts';
import { runMarket } from './market-world.ts';

/** Runs the one world that it is started for, in a process of its own, and says how it went. */
const [text = ''] = process.argv.slice(2);
const errand = JSON.parse(text) as Errand;
process.send?.(taleOf(await runMarket(worldOf(errand)), errand));
process.disconnect?.();
