import { costExamples } from './cost-examples.ts';
import { machineExamples } from './machine-examples.ts';
import { offerExamples } from './offer-examples.ts';
import type { ExamplesOf } from './operation-examples.ts';
import { operationsExamples } from './operations-examples.ts';
import { orphanExamples } from './orphan-examples.ts';
import { sessionExamples } from './session-examples.ts';
import { templateExamples } from './template-examples.ts';

/** Every operation's examples. */
export const allExamples: ExamplesOf = (provider) => ({
  ...operationsExamples(provider),
  ...offerExamples(provider),
  ...templateExamples(provider),
  ...sessionExamples(provider),
  ...machineExamples(provider),
  ...orphanExamples(provider),
  ...costExamples(provider),
});
