import { isJson, type Json, jsonAt, mapJson } from './records.ts';

/** What only this program's validator reads. */
const OWN_WORDS: ReadonlySet<string> = new Set(['x-meaning']);

/** A path's operations in words that others know, with answers to which fields may be added. */
export function publicPath(path: unknown): Json {
  return mapJson(isJson(path) ? path : {}, (operation) => {
    const told = without(operation, isOwnWord);
    if (!isJson(told)) return told;
    return { ...told, responses: openAnswer(jsonAt(told, 'responses')) };
  });
}

/**
 * Answers are serialised closed, so that nothing unlisted leaves; but a client that was generated from a closed schema
 * would refuse the first field that a later version adds.
 */
export function openAnswer(schemas: unknown): unknown {
  return without(schemas, (name, value) => name === 'additionalProperties' && value === false);
}

function isOwnWord(name: string): boolean {
  return OWN_WORDS.has(name);
}

function without(node: unknown, isLeftOut: (name: string, value: unknown) => boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => without(item, isLeftOut));
  if (!isJson(node)) return node;
  const kept = Object.entries(node).filter(([name, value]) => !isLeftOut(name, value));
  return Object.fromEntries(kept.map(([name, value]) => [name, without(value, isLeftOut)]));
}
