const LEAST_PREFIX = 4;

/** The known name that was most likely meant, or undefined when none is close. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const reach = Math.max(2, Math.floor(name.length / 3));
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase(), reach);
    if (distance <= reach && (!nearest || distance < nearest.distance)) {
      nearest = { name: candidate, distance };
    }
  }
  return nearest?.name;
}

/** Half a name, as `consumer` for `consumer_id`, is as near as a slip of the finger. */
function distanceOf(name: string, candidate: string, reach: number): number {
  if (name.length >= LEAST_PREFIX && candidate.startsWith(name)) return 1;
  const isTooLong = Math.abs(candidate.length - name.length) > reach;
  return isTooLong ? Number.POSITIVE_INFINITY : editDistance(name, candidate);
}

/** Levenshtein's distance: letters to insert, remove or replace. Takes time by the product of the lengths. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let line = 1; line <= left.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (left[line - 1] === right[column - 1] ? 0 : 1);
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
