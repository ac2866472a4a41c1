import { exactMoney } from './exact-money.ts';
import { nothingForeign } from './nothing-foreign.ts';
import { nothingHealthy } from './nothing-healthy.ts';
import { nothingLeaks } from './nothing-leaks.ts';
import { oneInstance } from './one-instance.ts';
import { runningMeansLogin } from './running-means-login.ts';
import { stoppedMeansGone } from './stopped-means-gone.ts';
import type { Checker } from './violation.ts';

export const ALL_CHECKERS: readonly Checker[] = [
  nothingForeign,
  nothingHealthy,
  oneInstance,
  nothingLeaks,
  stoppedMeansGone,
  runningMeansLogin,
  exactMoney,
];
