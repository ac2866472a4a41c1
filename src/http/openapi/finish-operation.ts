import { errorReferences, headerReferences } from './error-responses.ts';
import type { OperationExamples } from './examples/operation-examples.ts';
import type { RouteFacts } from './operation.ts';
import { isJson, type Json, jsonAt, mapJson } from './records.ts';

/** An operation as the generator made it, with its errors, the header fields of its answers, and its examples. */
export function finishOperation(
  operation: Json,
  facts: RouteFacts,
  examples: OperationExamples | undefined,
): Json {
  return {
    ...operation,
    ...withParameterExamples(operation, examples?.parameters ?? {}),
    ...withRequestExamples(operation, examples?.request),
    responses: {
      ...answersOf(jsonAt(operation, 'responses'), facts, examples),
      ...errorReferences(facts.errors),
    },
  };
}

function withParameterExamples({ parameters }: Json, examples: Json): Json {
  if (!Array.isArray(parameters)) return {};
  return {
    parameters: parameters.map((parameter: Json) => {
      const example = examples[String(parameter['name'])];
      return example === undefined ? parameter : { ...parameter, example };
    }),
  };
}

function withRequestExamples(operation: Json, examples: OperationExamples['request']): Json {
  const { requestBody } = operation;
  if (!isJson(requestBody) || !examples) return {};
  const content = mapJson(jsonAt(requestBody, 'content'), (media) => ({
    ...(isJson(media) ? media : {}),
    examples,
  }));
  return { requestBody: { ...requestBody, content } };
}

function answersOf(
  responses: Json,
  facts: RouteFacts,
  examples: OperationExamples | undefined,
): Json {
  const answers = 304 in facts.headers ? { ...responses, 304: NOT_MODIFIED } : responses;
  return mapJson(answers, (response, status) => ({
    ...(isJson(response) ? withExample(response, examples?.answers[status]) : {}),
    headers: headerReferences(facts.headers[status] ?? []),
  }));
}

const NOT_MODIFIED: Json = {
  description: 'The answer is still the one whose `ETag` was sent; there is no body.',
};

function withExample(response: Json, example: unknown): Json {
  if (example === undefined) return response;
  const content = mapJson(jsonAt(response, 'content'), (media, type) => {
    // Another form of the same answer, such as a page for people, has no example of its own.
    const isShown =
      isJson(media) && (type === 'application/json') === (typeof example === 'object');
    return isShown ? { ...media, example } : media;
  });
  return { ...response, content };
}
