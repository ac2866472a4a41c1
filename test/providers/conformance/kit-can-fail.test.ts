import { describe, expect, it } from 'vitest';
import { BROKEN_ADAPTERS, type BrokenAdapter } from './broken-adapters.ts';
import { casesFor, KIT_CASES } from './cases.ts';
import type { ConformanceCase } from './conformance-case.ts';
import type { ConformanceSubject } from './subject.ts';
import { VASTAI_SUBJECT } from './subjects/vastai.ts';

/** The cases that do not hold. They are run as they are, outside the runner. */
async function failing(
  cases: readonly ConformanceCase[],
  subject: ConformanceSubject,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const one of cases) {
    await one.run(subject).catch(() => failed.push(one.name));
  }
  return failed;
}

function subjectOf({ broken }: BrokenAdapter): ConformanceSubject {
  return { ...VASTAI_SUBJECT, build: (parts) => broken(VASTAI_SUBJECT.build(parts)) };
}

describe('the conformance kit', () => {
  it.each(BROKEN_ADAPTERS)('finds out an adapter that $fault', async (adapter) => {
    const cases = casesFor(VASTAI_SUBJECT).filter(({ name }) => name.startsWith(adapter.theme));
    expect(await failing(cases, subjectOf(adapter))).toContain(adapter.caughtBy);
  });

  it('finds fault with no adapter because of how it is wrapped', async () => {
    const telling = BROKEN_ADAPTERS.map(({ caughtBy }) => caughtBy);
    const cases = casesFor(VASTAI_SUBJECT).filter(({ name }) => telling.includes(name));
    expect(cases).toHaveLength(new Set(telling).size);
    expect(await failing(cases, { ...VASTAI_SUBJECT, build: copyOf })).toEqual([]);
  });

  it('finds out a subject that denies what its adapter has', async () => {
    const denying = { ...VASTAI_SUBJECT, lacks: { power: 'it is said not to have one' } };
    const [lacks = '', ...others] = await failing(
      KIT_CASES.filter(({ name }) => name.startsWith('port: it ')),
      denying,
    );
    expect(lacks).toContain('lacks the rest');
    expect(others).toEqual([]);
  });

  it('is as large as it says', () => {
    expect(KIT_CASES.length).toBeGreaterThanOrEqual(150);
    expect(BROKEN_ADAPTERS.length).toBeGreaterThanOrEqual(12);
  });
});

function copyOf(parts: Parameters<ConformanceSubject['build']>[0]) {
  return { ...VASTAI_SUBJECT.build(parts) };
}
