import type { Checker } from './violation.ts';

/** An incident is reported only when instances were missing from a list, and not when consumers had just ended them. */
export const trueAlarms: Checker = {
  name: 'no false alarm',
  onEvent: (evidence, event) => {
    if (event.kind !== 'mass_absence') return undefined;
    return evidence.plan.isCalm
      ? `${event.missing} of ${event.expected} instances were reported missing in a calm world`
      : undefined;
  },
};
