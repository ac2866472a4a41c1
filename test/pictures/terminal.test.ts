import { expect, test } from 'vitest';
import { linesOnTerminal, textOf } from './terminal.ts';
import { linesOfPicture, terminalPicture } from './terminal-picture.ts';

const OUTPUT = [
  '\u001b[1m1. Menu\u001b[0m',
  '   \u001b[36m$\u001b[0m curl <a> & "b"',
  '',
  `\r\u001b[K   wait 1 s\r\u001b[K   \u001b[32mdone\u001b[0m ${'x'.repeat(300)}`,
].join('\r\n');
const lines = linesOnTerminal(OUTPUT);

test('a terminal shows a line that was written anew as it was last', () => {
  expect(lines.map(textOf)).toEqual([
    '1. Menu',
    '   $ curl <a> & "b"',
    '',
    `   done ${'x'.repeat(300)}`,
  ]);
  expect(lines[0]?.[0]).toEqual({ text: '1. Menu', isBold: true, isDim: false, colour: 'plain' });
});

test('a code that nobody has drawn fails rather than vanishes', () => {
  expect(() => linesOnTerminal('\u001b[31mred')).toThrow('31');
});

test('the lines of a picture are read back as they were, however often they are wrapped', () => {
  const expected = lines.map(textOf).filter((line) => line !== '');
  expect(linesOfPicture(terminalPicture('a <title>', lines))).toEqual(expected);
});
