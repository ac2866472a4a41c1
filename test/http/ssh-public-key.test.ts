import { describe, expect, it } from 'vitest';
import { readPublicKey } from '../../src/http/requests/ssh-public-key.ts';
import { sshBlob } from './http-world.ts';

const ED25519 = sshBlob('ssh-ed25519', Buffer.alloc(32, 1));
const RSA = sshBlob('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(257, 1));
const P256 = sshBlob('ecdsa-sha2-nistp256', 'nistp256', Buffer.alloc(65, 4));

describe('a public key', () => {
  it.each([
    `ssh-ed25519 ${ED25519}`,
    `ssh-ed25519 ${ED25519} me@home and more\n`,
    `ssh-rsa ${RSA}\r\n`,
    `ecdsa-sha2-nistp256 ${P256} `,
    `ecdsa-sha2-nistp384 ${sshBlob('ecdsa-sha2-nistp384', 'nistp384', Buffer.alloc(97, 4))}`,
    `ecdsa-sha2-nistp521 ${sshBlob('ecdsa-sha2-nistp521', 'nistp521', Buffer.alloc(133, 4))}`,
  ])('is read, without its comment: %#', (text) => {
    const [type, encoded] = text.trim().split(' ');
    expect(readPublicKey(text)).toEqual({ kind: 'key', publicKey: `${type} ${encoded}` });
  });

  it.each([
    '',
    'nonsense',
    ED25519,
    `ssh-dss ${ED25519}`,
    `toString ${ED25519}`,
    `ssh-ed25519  ${ED25519}`,
    ` ssh-ed25519 ${ED25519}`,
    `ssh-ed25519 ${ED25519}\nssh-ed25519 ${ED25519}`,
    `command="x" ssh-ed25519 ${ED25519}`,
    '-----BEGIN OPENSSH PRIVATE KEY-----',
  ])('is refused for its form: %#', (text) => {
    expect(readPublicKey(text)).toEqual({
      kind: 'bad',
      message: 'must be one line of an OpenSSH ed25519, RSA or ECDSA public key',
    });
  });

  it.each([
    `ssh-rsa ${ED25519}`,
    `ssh-ed25519 ${ED25519.slice(0, 20)}`,
    `ssh-ed25519 ${sshBlob('ssh-ed25519', Buffer.alloc(31))}`,
    `ssh-ed25519 ${sshBlob('ssh-ed25519', Buffer.alloc(32), 'more')}`,
    `ssh-rsa ${sshBlob('ssh-rsa', Buffer.from([3]), Buffer.alloc(129, 1))}`,
    `ecdsa-sha2-nistp256 ${sshBlob('ecdsa-sha2-nistp256', 'nistp384', Buffer.alloc(65))}`,
    'ssh-ed25519 AAAA',
    'ssh-ed25519 /////w==',
  ])('is refused for what it holds: %#', (text) => {
    expect(readPublicKey(text)).toMatchObject({
      kind: 'bad',
      message: expect.stringContaining('does not hold'),
    });
  });
});
