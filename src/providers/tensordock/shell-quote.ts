/** The text as one word of a POSIX shell, whatever it holds; only NUL has no place in a shell at all. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
