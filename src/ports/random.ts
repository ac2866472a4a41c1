/** The only source of chance. */
export interface Random {
  /** In `[0, 1)`. */
  next(): number;
  /** `length` of `[a-z0-9]`, hard to guess in production. */
  token(length: number): string;
}
