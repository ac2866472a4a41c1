import { expect, test } from 'vitest';
import { parseTraceparent } from '../../src/domain/trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, false],
  // Flags that are not known yet are passed over.
  [`00-${TRACE}-${SPAN}-fe`, false],
  [`00-${TRACE}-${SPAN}-ff`, true],
  // What a later version adds stands behind what this one knows.
  [`cc-${TRACE}-${SPAN}-01`, true],
  [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, true],
])('%s is continued', (header, isSampled) => {
  expect(parseTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled });
});

test.each([
  ['nothing', undefined],
  ['an empty header', ''],
  ['version ff', `ff-${TRACE}-${SPAN}-01`],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['capital digits', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['a trace id that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['a span id that is too long', `00-${TRACE}-${SPAN}0-01`],
  ['a letter that is no digit', `00-${TRACE.replace('0', 'g')}-${SPAN}-01`],
  ['no flags', `00-${TRACE}-${SPAN}`],
  ['flags of one digit', `00-${TRACE}-${SPAN}-1`],
  ['more than version 00 has', `00-${TRACE}-${SPAN}-01-more`],
  ['more without a dash', `cc-${TRACE}-${SPAN}-01more`],
  ['a blank before it', ` 00-${TRACE}-${SPAN}-01`],
  ['a line break behind it', `00-${TRACE}-${SPAN}-01\n`],
  ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
])('%s is as good as none', (_what, header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

test('the state is kept as it was sent, unless it is longer than anybody has to keep', () => {
  const header = `00-${TRACE}-${SPAN}-01`;
  expect(parseTraceparent(header, 'a=1,b=2')?.state).toBe('a=1,b=2');
  expect(parseTraceparent(header, `a=${'1'.repeat(511)}`)).not.toHaveProperty('state');
});
