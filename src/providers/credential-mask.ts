/** A piece of a credential that is shorter than this gives too little away to be told from an ordinary word. */
const PIECE_LENGTH = 12;
const MASK = '[redacted]';

/**
 * Hides credentials in texts that others wrote: as they stand, in whatever spelling an error quotes them, and in part,
 * because who quotes also cuts. Letters count alike in both cases, as they do in hex and percent codes.
 */
export function credentialMask(credentials: readonly string[]): (text: string) => string {
  const pieces = piecesByLength(credentials.filter((one) => one !== '').flatMap(spellingsOf));
  return (text) => {
    const lower = lowerAscii(text);
    let shown = '';
    let hiddenUntil = 0;
    for (let at = 0; at < text.length; at += 1) {
      const isHidden = at < hiddenUntil;
      hiddenUntil = Math.max(hiddenUntil, at + longestPieceAt(pieces, lower, at));
      if (at >= hiddenUntil) shown += text.charAt(at);
      else if (!isHidden) shown += MASK;
    }
    return shown;
  };
}

type Pieces = ReadonlyMap<number, ReadonlySet<string>>;

function piecesByLength(spellings: readonly string[]): Pieces {
  const pieces = new Map<number, Set<string>>();
  for (const spelling of spellings.map(lowerAscii)) {
    const length = Math.min(PIECE_LENGTH, spelling.length);
    const known = pieces.get(length) ?? new Set();
    for (let at = 0; at + length <= spelling.length; at += 1) {
      known.add(spelling.slice(at, at + length));
    }
    pieces.set(length, known);
  }
  return pieces;
}

function longestPieceAt(pieces: Pieces, text: string, at: number): number {
  let longest = 0;
  for (const [length, known] of pieces) {
    if (length > longest && known.has(text.slice(at, at + length))) longest = length;
  }
  return longest;
}

function spellingsOf(credential: string): readonly string[] {
  const query = new URLSearchParams({ '': credential }).toString().slice(1);
  const json = JSON.stringify(credential).slice(1, -1);
  const bytes = Buffer.from(credential, 'utf8');
  return [
    credential,
    encodeURIComponent(credential),
    encodeURIComponent(encodeURIComponent(credential)),
    query,
    encodeURIComponent(query),
    json,
    JSON.stringify(json).slice(1, -1),
    htmlEscaped(credential),
    bytes.toString('hex'),
    ...base64Spellings(bytes),
  ].filter((spelling) => spelling !== '');
}

/** Base64 of a text around it: what the credential alone decides, in each of the three places where it can begin. */
function base64Spellings(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const inner = Buffer.concat([Buffer.alloc(before), bytes]);
    const start = Math.ceil((before * 8) / 6);
    const end = Math.floor((inner.length * 8) / 6);
    const digits = inner.toString('base64').slice(start, end);
    return [digits, digits.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function htmlEscaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => HTML_ESCAPES[letter] ?? letter);
}

/** Unlike `toLowerCase` it leaves every position where it was. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
