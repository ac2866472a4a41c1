import { bidsAsAsked } from './bids-as-asked.ts';
import { calmMeansRunning } from './calm-means-running.ts';
import { convergesInTime } from './converges-in-time.ts';
import { exactMoney } from './exact-money.ts';
import { fullTime } from './full-time.ts';
import { honestMenu } from './honest-menu.ts';
import { idleEndsInTime } from './idle-ends-in-time.ts';
import { idleInTruth } from './idle-in-truth.ts';
import { intentFirst } from './intent-first.ts';
import { keptDisks } from './kept-disks.ts';
import { lostKeysComeBack } from './lost-keys-come-back.ts';
import { noOvertime } from './no-overtime.ts';
import { nothingForeign } from './nothing-foreign.ts';
import { nothingHealthy } from './nothing-healthy.ts';
import { nothingLeaks } from './nothing-leaks.ts';
import { oneInstance } from './one-instance.ts';
import { oneStory } from './one-story.ts';
import { orphansGetTime } from './orphans-get-time.ts';
import { orphansWait } from './orphans-wait.ts';
import { removedWhenDone } from './removed-when-done.ts';
import { runningMeansLogin } from './running-means-login.ts';
import { runningMeansOffered } from './running-means-offered.ts';
import { runningMeansServing } from './running-means-serving.ts';
import { secretsStayInside } from './secrets-stay-inside.ts';
import { stoppedMeansGone } from './stopped-means-gone.ts';
import { strangersGetNothing } from './strangers-get-nothing.ts';
import { sumsStayExact } from './sums-stay-exact.ts';
import { timeLeftIsKept } from './time-left-is-kept.ts';
import { trueAlarms } from './true-alarms.ts';
import { trueReasons } from './true-reasons.ts';
import type { Checker } from './violation.ts';
import { withinTheRequest } from './within-the-request.ts';

export const ALL_CHECKERS: readonly Checker[] = [
  nothingForeign,
  nothingHealthy,
  intentFirst,
  oneInstance,
  nothingLeaks,
  convergesInTime,
  orphansGetTime,
  orphansWait,
  stoppedMeansGone,
  runningMeansLogin,
  runningMeansServing,
  runningMeansOffered,
  calmMeansRunning,
  noOvertime,
  fullTime,
  idleInTruth,
  idleEndsInTime,
  exactMoney,
  keptDisks,
  removedWhenDone,
  sumsStayExact,
  bidsAsAsked,
  withinTheRequest,
  honestMenu,
  oneStory,
  secretsStayInside,
  trueAlarms,
  trueReasons,
  timeLeftIsKept,
  strangersGetNothing,
  lostKeysComeBack,
];
