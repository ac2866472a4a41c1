/** Key types that both marketplaces and our own login take, with the test of the part after the type's name. */
const KEY_TYPES: Readonly<Record<string, (fields: readonly Buffer[]) => boolean>> = {
  'ssh-ed25519': ([point, ...rest]) => point?.length === 32 && rest.length === 0,
  'ssh-rsa': ([exponent, modulus, ...rest]) =>
    exponent !== undefined && isRsaModulus(modulus) && rest.length === 0,
  'ecdsa-sha2-nistp256': (fields) => isCurvePoint(fields, 'nistp256', 65),
  'ecdsa-sha2-nistp384': (fields) => isCurvePoint(fields, 'nistp384', 97),
  'ecdsa-sha2-nistp521': (fields) => isCurvePoint(fields, 'nistp521', 133),
};

export type PublicKeyReading =
  | { readonly kind: 'key'; readonly publicKey: string }
  | { readonly kind: 'bad'; readonly message: string };

const ONE_LINE = /^(\S+) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n]*)?$/;

/**
 * Reads one line of OpenSSH's public key form (RFC 4253, section 6.6) and checks the key inside it. The comment is
 * dropped: it says nothing to a machine, and it would travel into providers' start scripts.
 */
export function readPublicKey(text: string): PublicKeyReading {
  const line = text.replace(/\r?\n$/, '').trimEnd();
  const [, type = '', encoded = ''] = ONE_LINE.exec(line) ?? [];
  const isRightInside = KEY_TYPES[type];
  if (!Object.hasOwn(KEY_TYPES, type) || !isRightInside) {
    return bad('must be one line of an OpenSSH ed25519, RSA or ECDSA public key');
  }
  const [name, ...fields] = fieldsOf(Buffer.from(encoded, 'base64')) ?? [];
  if (name?.toString('latin1') !== type || !isRightInside(fields)) {
    return bad(`does not hold a valid ${type} key`);
  }
  return { kind: 'key', publicKey: `${type} ${encoded}` };
}

function bad(message: string): PublicKeyReading {
  return { kind: 'bad', message };
}

/** The length-prefixed fields of a key blob; undefined when a length does not add up. */
function fieldsOf(blob: Buffer): readonly Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < blob.length) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** 2048 bits are the least that current OpenSSH servers are set to accept by common policy. */
function isRsaModulus(modulus: Buffer | undefined): boolean {
  return modulus !== undefined && modulus.length >= 256 && modulus.length <= 2050;
}

function isCurvePoint(fields: readonly Buffer[], curve: string, pointBytes: number): boolean {
  const [name, point, ...rest] = fields;
  return name?.toString('latin1') === curve && point?.length === pointBytes && rest.length === 0;
}
