import { describe, expect, it } from 'vitest';
import { casesFor } from './cases.ts';
import type { ConformanceSubject } from './subject.ts';

export interface ExpectedCounts {
  readonly cases: number;
}

/** The suite that an adapter passes to be called one. */
export function describeProvider(subject: ConformanceSubject, expected: ExpectedCounts): void {
  describe(`${subject.api} keeps the contract of the provider port`, () => {
    const cases = casesFor(subject);
    it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => one.run(subject));

    it(`in ${expected.cases} cases, each under a name of its own`, () => {
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
      expect(cases.length).toBe(expected.cases);
    });
  });
}
