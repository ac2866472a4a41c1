import { CUT_ANSWERS, DISTURBED_CALLS } from './cases/disturbed-calls.ts';
import { RATES_AND_REST } from './cases/rates-and-rest.ts';
import { quotingRefusals, recordedAnswers } from './cases/recorded-answers.ts';
import { SIMULATED_BIDS } from './cases/simulated-bids.ts';
import { SIMULATED_LISTS } from './cases/simulated-lists.ts';
import { SIMULATED_LIVES } from './cases/simulated-lives.ts';
import { SIMULATED_MONEY } from './cases/simulated-money.ts';
import { SIMULATED_POWER } from './cases/simulated-power.ts';
import { SIMULATED_TROUBLES } from './cases/simulated-troubles.ts';
import type { ConformanceCase } from './conformance-case.ts';
import type { ConformanceSubject } from './subject.ts';

/** Cases that stand in the kit itself, whatever an adapter brings. */
export const KIT_CASES: readonly ConformanceCase[] = [
  ...DISTURBED_CALLS,
  ...CUT_ANSWERS,
  ...SIMULATED_LIVES,
  ...SIMULATED_LISTS,
  ...SIMULATED_TROUBLES,
  ...SIMULATED_POWER,
  ...SIMULATED_BIDS,
  ...SIMULATED_MONEY,
  ...RATES_AND_REST,
];

/** All that an adapter has to pass: the kit's own cases but for what the API has not, and its recorded answers. */
export function casesFor(subject: ConformanceSubject): readonly ConformanceCase[] {
  return [
    ...KIT_CASES.filter(({ needs }) => needs === undefined || !(needs in subject.lacks)),
    ...recordedAnswers(subject),
    ...quotingRefusals(subject),
  ];
}
