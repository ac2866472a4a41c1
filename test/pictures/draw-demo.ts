import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { linesOnTerminal, textOf } from './terminal.ts';
import { terminalPicture } from './terminal-picture.ts';

/**
 * `npm run build && npx tsx test/pictures/draw-demo.ts` runs the demo on a terminal (util-linux's `script` makes one) and draws
 * what it printed: the menu into docs/menu.svg, the rest into docs/demo.svg.
 */
const command = 'node dist/demo/main.js --once';
const { stdout, status } = spawnSync(
  'script',
  ['--quiet', '--return', '--command', command, '/dev/null'],
  {
    encoding: 'utf8',
    env: { ...process.env, PORT: process.env['PORT'] ?? '8080' },
  },
);
if (status !== 0) throw new Error(`the demo failed:\n${stdout}`);
const lines = linesOnTerminal(stdout);
const rent = lines.findIndex((line) => textOf(line).startsWith('2. '));
if (rent < 0) throw new Error('the demo rents nothing');
writeFileSync('docs/menu.svg', terminalPicture('npm run demo: the menu', lines.slice(0, rent - 1)));
writeFileSync(
  'docs/demo.svg',
  terminalPicture('npm run demo: a session from its beginning to its bill', lines.slice(rent)),
);
