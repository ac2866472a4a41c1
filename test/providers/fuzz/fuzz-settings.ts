/** With it all of `test/providers/fuzz` takes some ten seconds of processor time. */
const DEFAULT_RUNS = 40;

/** Answers to each call of each adapter. */
export const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? DEFAULT_RUNS);

/** Another one in each run unless it is given. The names of the tests tell it. */
export const FUZZ_SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
