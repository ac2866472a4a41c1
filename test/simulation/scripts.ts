import { currentInstance, type Session } from '../../src/domain/session.ts';
import { MINUTE_MS, SECOND_MS } from '../../src/domain/time.ts';
import type { Plan } from './plan.ts';
import type { Stagehand } from './stagehand.ts';

export function whenAllRun(count: number, act: (hand: Stagehand) => void): Plan['script'] {
  return (hand) =>
    hand.when(
      () => hand.books.sessions.filter(({ status }) => status === 'running').length === count,
      () => act(hand),
    );
}

/** Down and up again in less time than it takes to give an instance up. */
export function reboot(hand: Stagehand): void {
  for (const row of ours(hand)) {
    const id = row?.providerInstanceId ?? '';
    hand.market.stopByMarket(id);
    hand.at(25 * SECOND_MS, () => void hand.market.start(id));
  }
}

/** Nothing listens from the launch on; meanwhile the machine comes up, runs for a while, and is stopped by its host. */
export function stopUnseen(hand: Stagehand): void {
  endUnseen(hand, MINUTE_MS, (id) => void hand.market.stopByMarket(id));
}

/** As above, and it is taken away instead of stopped: no list ever shows that it ran. */
export function vanishUnseen(hand: Stagehand): void {
  endUnseen(hand, 5 * MINUTE_MS, (id) => hand.market.vanish(id));
}

function endUnseen(hand: Stagehand, afterMs: number, end: (id: string) => void): void {
  const mine = () => hand.market.instance(ours(hand)[0]?.providerInstanceId ?? '');
  hand.when(
    () => mine() !== undefined,
    () => hand.cutOff('vastai', 8 * MINUTE_MS),
  );
  hand.when(
    () => mine()?.state === 'running',
    () => hand.at(afterMs, () => end(mine()?.id ?? '')),
  );
}

export function stopDuringLaunch(hand: Stagehand): void {
  hand.when(
    () => ours(hand).some((row) => row?.state === 'launching'),
    () => forEachSession(hand, ({ id }) => void hand.broker()?.sessions.destroy(id)),
  );
}

export function extendTwice(hand: Stagehand): void {
  forEachSession(hand, ({ id }) => {
    void hand.broker()?.sessions.extend(id, 1);
    void hand.broker()?.sessions.extend(id, 1);
  });
}

/** The process dies while the answer is on its way. */
export function killDuringLaunch(hand: Stagehand): void {
  hand.whenRented(() => hand.kill());
}

/** The process dies while the machine boots, its next life sees the machine, and then the market takes that away. */
export function loseAfterRestart(hand: Stagehand): void {
  hand.whenRented(() => {
    hand.at(5 * SECOND_MS, () => hand.kill());
    hand.at(25 * SECOND_MS, () => {
      for (const row of ours(hand)) hand.market.vanish(row?.providerInstanceId ?? '');
    });
  });
}

/** The process dies while the answer is on its way; then no list answers until the launch may be given up; then one is short. */
export function hideUntilGivenUp(hand: Stagehand): void {
  killDuringLaunch(hand);
  hand.when(
    () => ours(hand).some((row) => row?.state === 'unsettled'),
    () => {
      hand.cloud('refuses lists', 5 * MINUTE_MS);
      hand.cloud('hides from lists', 5 * MINUTE_MS + 6 * SECOND_MS);
    },
  );
}

export function ours({ books }: Stagehand) {
  return books.sessions.map(currentInstance);
}

export function forEachSession({ books }: Stagehand, act: (session: Session) => void): void {
  for (const session of books.sessions) act(session);
}
