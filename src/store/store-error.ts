/**
 * `in_use`: another process has the file. `other_deployment`: the file belongs to another one. `migration`: the
 * file and this program do not fit. `unreadable`: it cannot be opened. `closed`: asked after close. `failed`: the
 * database refused a statement; nothing of that step was written.
 */
export type StoreErrorKind =
  | 'in_use'
  | 'other_deployment'
  | 'migration'
  | 'unreadable'
  | 'closed'
  | 'failed';

/** Why the store cannot serve, in a sentence that says what to do about it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.kind = kind;
  }
}
