import type { TSchema } from '@sinclair/typebox';

/** Header fields that single answers carry, beside those that every answer has. */
type AnswerHeader = 'Age' | 'Location' | 'Vary';

/** Under this name an answer's schema carries the names of its own header fields. */
export const ANSWER_HEADERS = 'x-answer-headers';

interface AnswerOptions {
  /** What the answer means. */
  readonly description: string;
  readonly headers?: readonly AnswerHeader[];
}

/** A form as the answer with one status of one route. The OpenAPI document alone reads what is said here. */
export function answer<Form extends TSchema>(form: Form, options: AnswerOptions): Form {
  const { description, headers = [] } = options;
  return { ...form, 'x-response-description': description, [ANSWER_HEADERS]: headers };
}

/** An answer that is not JSON, or not only; the forms are named by their media types. */
export function answerIn(forms: Readonly<Record<string, TSchema>>, options: AnswerOptions) {
  const { description, headers = [] } = options;
  const content = Object.fromEntries(
    Object.entries(forms).map(([mediaType, schema]) => [mediaType, { schema }]),
  );
  return { description, content, [ANSWER_HEADERS]: headers };
}
