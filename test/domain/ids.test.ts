import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isDeploymentId,
  isSessionId,
  makeTag,
  ownTag,
  parseTag,
  type TagParts,
} from '../../src/domain/ids.ts';
import { DEPLOYMENT, sessionId } from '../support/builders.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const word = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength, maxLength });

const anyParts: fc.Arbitrary<TagParts> = fc.record(
  {
    deploymentId: word(4, 12),
    sessionId: word(16, 16).map((text) => `sess-${text}`),
    attempt: fc.integer({ min: 1, max: 999 }),
  },
  { noNullPrototype: true },
);

const OWN = makeTag({ deploymentId: DEPLOYMENT, sessionId: sessionId(), attempt: 1 });

test('a tag gives back exactly the parts that it was made from', () => {
  fc.assert(
    fc.property(anyParts, (parts) => {
      expect(parseTag(makeTag(parts))).toStrictEqual(parts);
    }),
  );
});

test('a tag fits every provider: at most 60 of lower-case letters, digits and hyphens', () => {
  fc.assert(
    fc.property(anyParts, (parts) => {
      const tag = makeTag(parts);
      expect(tag).toMatch(/^[a-z0-9-]+$/);
      expect(tag.length).toBeLessThanOrEqual(38);
    }),
  );
});

test('no text is a tag unless it is one to the letter', () => {
  const likely = fc.stringMatching(/^gpub-[a-z0-9]{3,13}-[a-z0-9]{15,17}-[0-9]{1,4}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), likely), (text) => {
      const parts = parseTag(text);
      expect(parts === undefined || makeTag(parts) === text).toBe(true);
    }),
  );
});

describe('a text that only looks like a tag is nobody of ours', () => {
  const session = sessionId().slice('sess-'.length);
  test.each([
    ['upper case', OWN.toUpperCase()],
    ['one upper-case letter', OWN.replace('gpub', 'gpuB')],
    ['a space before', ` ${OWN}`],
    ['a space after', `${OWN} `],
    ['a newline after', `${OWN}\n`],
    ['a line before', `x\n${OWN}`],
    ['more after the attempt', `${OWN}-copy`],
    ['more before the prefix', `my-${OWN}`],
    ['another prefix', OWN.replace('gpub', 'gpu')],
    ['no attempt', `gpub-${DEPLOYMENT}-${session}`],
    ['attempt zero', `gpub-${DEPLOYMENT}-${session}-0`],
    ['an attempt with a leading zero', `gpub-${DEPLOYMENT}-${session}-01`],
    ['an attempt of four digits', `gpub-${DEPLOYMENT}-${session}-1000`],
    ['a negative attempt', `gpub-${DEPLOYMENT}-${session}--1`],
    ['a session one letter short', `gpub-${DEPLOYMENT}-${session.slice(1)}-1`],
    ['a session one letter long', `gpub-${DEPLOYMENT}-${session}0-1`],
    ['the whole session id', `gpub-${DEPLOYMENT}-sess-${session}-1`],
    ['a deployment of three letters', `gpub-abc-${session}-1`],
    ['a deployment of thirteen letters', `gpub-abcdefghijklm-${session}-1`],
    ['a digit of another script', `gpub-${DEPLOYMENT}-${session}-١`],
    ['a letter that folds to ASCII', OWN.replace('gpub', 'ɡpub')],
    ['nothing', ''],
  ])('%s', (_, text) => {
    expect(parseTag(text)).toBeUndefined();
    expect(ownTag(text, DEPLOYMENT)).toBeUndefined();
  });
});

test("an own tag is one of this deployment and of no other's, not even of one whose id begins alike", () => {
  expect(ownTag(OWN, DEPLOYMENT)).toStrictEqual({
    deploymentId: DEPLOYMENT,
    sessionId: sessionId(),
    attempt: 1,
  });
  expect(ownTag(OWN, 'test02')).toBeUndefined();
  expect(ownTag(OWN, DEPLOYMENT.slice(0, 5))).toBeUndefined();
  expect(ownTag(OWN, `${DEPLOYMENT}0`)).toBeUndefined();
  expect(ownTag(OWN, DEPLOYMENT.toUpperCase())).toBeUndefined();
  expect(ownTag(undefined, DEPLOYMENT)).toBeUndefined();
});

test('an id that is no session id makes no tag that anybody owns', () => {
  const tag = makeTag({ deploymentId: DEPLOYMENT, sessionId: 'other', attempt: 1 });
  expect(parseTag(tag)).toBeUndefined();
});

test.each([
  [sessionId(), true],
  ['sess-abcdefghij012345', true],
  ['sess-ABCDEFGHIJ012345', false],
  ['sess-abcdefghij01234', false],
  ['sess-abcdefghij0123456', false],
  ['abcdefghij012345', false],
  ['sess-abcdefghij012345\n', false],
])('%j is a session id: %s', (text, isOne) => {
  expect(isSessionId(text)).toBe(isOne);
});

test.each([
  ['test', true],
  ['abcdefghijkl', true],
  ['abc', false],
  ['abcdefghijklm', false],
  ['Test', false],
  ['te-st', false],
])('%j is a deployment id: %s', (text, isOne) => {
  expect(isDeploymentId(text)).toBe(isOne);
});
