import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bareKey, keyCommands } from '../../../src/providers/tensordock/cloud-init-keys.ts';
import { KEY, PUBLIC_KEY } from './harness.ts';

test('the boot script puts the key in for root and user, with the owners and modes that sshd asks for', () => {
  expect(keyCommands(KEY)).toEqual([
    'mkdir -p /root/.ssh',
    'chmod 700 /root/.ssh',
    `grep -qsxF '${KEY}' /root/.ssh/authorized_keys || echo '${KEY}' >> /root/.ssh/authorized_keys`,
    'chmod 600 /root/.ssh/authorized_keys',
    'mkdir -p /home/user/.ssh',
    'chmod 700 /home/user/.ssh',
    `grep -qsxF '${KEY}' /home/user/.ssh/authorized_keys || echo '${KEY}' >> /home/user/.ssh/authorized_keys`,
    'chmod 600 /home/user/.ssh/authorized_keys',
    'chown -R user:user /home/user/.ssh',
  ]);
});

test('a real shell that runs it twice leaves one line in a private file', () => {
  const root = mkdtempSync(join(tmpdir(), 'boot-'));
  try {
    const script = keyCommands(KEY)
      .filter((command) => !command.startsWith('chown'))
      .join('\n')
      .replaceAll(' /', ` ${root}/`);
    for (const _ of ['first boot', 'second boot']) execFileSync('sh', ['-c', script]);
    for (const home of ['root', 'home/user']) {
      const file = join(root, home, '.ssh/authorized_keys');
      expect(readFileSync(file, 'utf8')).toBe(`${KEY}\n`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.each([
  ['a comment that would run in a shell', PUBLIC_KEY],
  ['a trailing newline', `${KEY}\n`],
])('%s is left behind', (_, publicKey) => {
  expect(bareKey(publicKey)).toBe(KEY);
});

test.each([
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAACAQDFtMHOaiM9LlNlG6lrtrF+/abc==',
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTY=',
  'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t',
])('other kinds of key are taken: %s', (publicKey) => {
  expect(bareKey(publicKey)).toBe(publicKey);
});

test.each(['', 'hello', "ssh-ed25519 AAAA'; reboot; '", '-----BEGIN OPENSSH PRIVATE KEY-----'])(
  'what is no public key is refused: %j',
  (text) => {
    expect(bareKey(text)).toBeUndefined();
  },
);
