import type { Checker } from './violation.ts';

/** For worlds in which every machine is what it was offered as, whatever it says of itself at first. */
export const nobodyCalledWrong: Checker = {
  name: 'a machine that is what was offered is not given up as another',
  onCommit: (_evidence, { id, instances }) =>
    instances.some(({ failure }) => failure?.code === 'wrong_machine')
      ? `${id} gave up a machine that is what was offered`
      : undefined,
};
