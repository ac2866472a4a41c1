import { describe, it } from 'vitest';
import { PORT_CALLS } from '../conformance/port-calls.ts';
import { FUZZ_RUNS, FUZZ_SEED } from './fuzz-settings.ts';
import { FUZZED } from './fuzzed-subject.ts';
import { PROPERTIES, propertiesOf } from './properties.ts';

const EXTENT = { numRuns: FUZZ_RUNS, seed: FUZZ_SEED };

describe.each(FUZZED)(`$subject.api under distorted answers (FUZZ_SEED ${FUZZ_SEED})`, (fuzzed) => {
  const { lacks } = fuzzed.subject;
  const calls = PORT_CALLS.filter(({ needs }) => needs === undefined || !(needs in lacks));

  it.each([...calls.flatMap(propertiesOf), ...PROPERTIES])('$name', ({ holds }) =>
    holds(fuzzed, EXTENT),
  );
});
