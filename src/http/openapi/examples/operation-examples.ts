import type { ProviderName } from '../../../domain/ids.ts';

/** What the document shows of one operation: answers that a broker has really given, and what was asked to get them. */
export interface OperationExamples {
  /** By the parameter's name. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** By a name of the example. */
  readonly request?: Readonly<Record<string, RequestExample>>;
  /** By status. */
  readonly answers: Readonly<Record<string, unknown>>;
}

interface RequestExample {
  readonly summary: string;
  readonly value: unknown;
}

/** By operation id. Which marketplace the examples are from is not for this side to say, so its name is given. */
export type ExamplesOf = (provider: ProviderName) => Readonly<Record<string, OperationExamples>>;
