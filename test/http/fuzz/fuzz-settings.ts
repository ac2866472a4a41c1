/** With it all of `test/http/fuzz` takes some twenty seconds of processor time; see `docs/testing.md`. */
const DEFAULT_RUNS = 300;

/** Requests for each route. */
export const FUZZ_RUNS = Number(process.env['FUZZ_RUNS'] ?? DEFAULT_RUNS);

/** Another one in each run unless it is given. The names of the tests tell it. */
export const FUZZ_SEED = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** Whether somebody asked for the long run, and wants to know how it went. */
export const IS_ASKED_FOR = process.env['FUZZ_RUNS'] !== undefined;
