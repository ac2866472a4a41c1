import { AssertionError } from 'node:assert/strict';

/** As `assert`, which for want of a message reads the source files to find one: too slow where failures are what is tested. */
export function demand(isSo: unknown, otherwise: string): asserts isSo {
  if (!isSo) throw new AssertionError({ message: otherwise });
}
