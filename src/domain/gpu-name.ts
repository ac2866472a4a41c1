/**
 * Whether a name that a person typed means this GPU. Case, spaces, `-` and `_` do not matter, and the
 * query has to cover whole words of the name: `rtx4090`, `RTX 4090` and `4090` find `RTX 4090` but not
 * `RTX 4090D`; `A100` finds every A100.
 */
export function gpuTypeMatches(gpuType: string, query: string): boolean {
  const wanted = squeeze(query);
  if (wanted === '') return false;
  const words = wordsOf(gpuType);
  return words.some((_, start) => startsWholeWords(words.slice(start), wanted));
}

function startsWholeWords(words: readonly string[], wanted: string): boolean {
  let joined = '';
  for (const word of words) {
    joined += word;
    if (joined === wanted) return true;
    if (joined.length >= wanted.length) return false;
  }
  return false;
}

function wordsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word !== '');
}

function squeeze(text: string): string {
  return wordsOf(text).join('');
}
