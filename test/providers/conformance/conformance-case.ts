import type { Capability } from './capabilities.ts';
import type { ConformanceSubject } from './subject.ts';

/** One property of an adapter. It is shown by a run that does not throw, so that it can be tried outside a test runner too. */
export interface ConformanceCase {
  /** `<port method or theme>: <property>`, unique. */
  readonly name: string;
  readonly needs?: Capability;
  readonly run: (subject: ConformanceSubject) => Promise<void>;
}
