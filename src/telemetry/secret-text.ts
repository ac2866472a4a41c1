const CENSOR = '[redacted]';

/** What a credential looks like inside a text that somebody else wrote, such as an error of a library. */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, CENSOR],
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${CENSOR}`],
  [
    /\b((?:api[_-]?key|api[_-]?token|auth[_-]?id|token|secret|password)["']?\s*[=:]\s*["']?)[^\s"'&,;{}]+/gi,
    `$1${CENSOR}`,
  ],
  // What the agent on a rented machine shows; its prefix is there to be found by.
  [/\bagent_[\w-]{20,}/g, CENSOR],
];

/** The text without anything in it that looks like a credential. */
export function withoutSecrets(text: string): string {
  return SECRET_SHAPES.reduce((safe, [shape, instead]) => safe.replace(shape, instead), text);
}
