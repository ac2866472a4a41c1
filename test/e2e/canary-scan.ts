/** Looks for secrets in whatever a program left behind. It shares nothing with the code that hides them. */

/** What was found where. */
export interface Hit {
  readonly secret: string;
  readonly source: string;
  /** What stands before it. */
  readonly around: string;
}

/** Name and value of each secret. */
export type Secrets = Readonly<Record<string, string | Buffer>>;

/** Name and content of each place that is looked at. */
export type Sources = ReadonlyMap<string, string | Buffer>;

/** Half a secret is one too; shorter pieces than this may be found by chance. */
const PIECE_LENGTH = 12;
const AROUND = 60;

export function findSecrets(sources: Sources, secrets: Secrets): readonly Hit[] {
  const owners = new Map<string, string>();
  for (const [name, value] of Object.entries(secrets)) {
    for (const piece of piecesOf(Buffer.from(value))) owners.set(piece, name);
  }
  return [...sources].flatMap(([source, content]) =>
    hitsIn(Buffer.from(content).toString('latin1'), owners).map((hit) => ({ ...hit, source })),
  );
}

function hitsIn(
  content: string,
  owners: ReadonlyMap<string, string>,
): readonly Omit<Hit, 'source'>[] {
  const lower = content.toLowerCase();
  const hits = new Map<string, Omit<Hit, 'source'>>();
  for (let at = 0; at + PIECE_LENGTH <= lower.length; at += 1) {
    const secret = owners.get(lower.slice(at, at + PIECE_LENGTH));
    if (secret === undefined || hits.has(secret)) continue;
    const before = content.slice(Math.max(0, at - AROUND), at);
    hits.set(secret, { secret, around: JSON.stringify(`${before}<here>`) });
  }
  return [...hits.values()];
}

function piecesOf(secret: Buffer): readonly string[] {
  return spellingsOf(secret).flatMap((spelling) => {
    const lower = spelling.toLowerCase();
    const count = Math.max(0, lower.length - PIECE_LENGTH + 1);
    return Array.from({ length: count }, (_, at) => lower.slice(at, at + PIECE_LENGTH));
  });
}

/** Each as its bytes stand in a file, one character a byte. */
export function spellingsOf(secret: Buffer): readonly string[] {
  const text = secret.toString('latin1');
  const json = JSON.stringify(text).slice(1, -1);
  return [
    text,
    percentEncoded(text),
    percentEncoded(percentEncoded(text)),
    new URLSearchParams({ '': text }).toString().slice(1),
    json,
    JSON.stringify(json).slice(1, -1),
    text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`),
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;'),
    secret.toString('hex'),
    [...text].reverse().join(''),
    secret.toString('utf16le').length > 0 ? Buffer.from(text, 'utf16le').toString('latin1') : '',
    ...base64Of(secret),
  ];
}

function percentEncoded(text: string): string {
  return encodeURIComponent(text);
}

/** As the middle of something longer: three places to begin, and of each only the digits that it decides alone. */
function base64Of(secret: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const padded = Buffer.concat([Buffer.alloc(before, 0xff), secret]).toString('base64');
    const digits = padded.slice(before === 0 ? 0 : before + 1, Math.floor(secret.length / 3) * 4);
    return [digits, digits.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const KEY_MARK = Buffer.from('openssh-key-v1\0');

/** The secret half of an ed25519 key in OpenSSH's form, as its 32 bytes. The other half of the text may be known to all. */
export function seedOf(privateKey: string): Buffer {
  const body = privateKey.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
  const bytes = Buffer.from(body, 'base64');
  if (!bytes.subarray(0, KEY_MARK.length).equals(KEY_MARK)) throw new Error('not an OpenSSH key');
  // … | 64 as a length | seed, 32 bytes | public key, 32 bytes | comment
  const length = Buffer.from([0, 0, 0, 64]);
  const at = bytes.lastIndexOf(length);
  if (at < 0) throw new Error('not an ed25519 key');
  return bytes.subarray(at + 4, at + 36);
}
