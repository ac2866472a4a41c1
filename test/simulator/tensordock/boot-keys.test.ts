import { expect, test } from 'vitest';
import { runcmdOf } from '../../../src/simulator/tensordock/cloud-init.ts';
import { firstBoot } from '../../../src/simulator/tensordock/first-boot.ts';
import { KEY, keySteps } from './dock-world.ts';

const DIR = '/home/user/.ssh';
const FILE = `${DIR}/authorized_keys`;

function installedKeys(runcmd: readonly string[]): readonly string[] {
  return firstBoot(runcmd, 'bare').keys;
}

test('the steps of the fact sheet install a key, for either account', () => {
  expect(installedKeys(keySteps('/home/user', 'user'))).toEqual([KEY]);
  expect(installedKeys(keySteps('/root', 'root'))).toEqual([KEY]);
});

test.each<[string, readonly string[]]>([
  ['in one line', [`mkdir -p ${DIR} && echo "${KEY}" > ${FILE} && chown -R user:user ${DIR}`]],
  [
    'by install and printf',
    [
      `install -d -m 700 -o user -g user ${DIR}`,
      `printf '%s\\n' '${KEY}' >> ${FILE}; chown user ${FILE}`,
    ],
  ],
  ['as root’s own, open to read', [`mkdir ${DIR}`, `echo ${KEY} > ${FILE}`]],
  [
    'beside other work',
    [
      'apt-get update 2>/dev/null || true',
      ...keySteps('/home/user', 'user'),
      'systemctl restart ssh',
    ],
  ],
])('installs a key written %s', (_, runcmd) => {
  expect(installedKeys(runcmd)).toEqual([KEY]);
});

test.each<[string, readonly string[]]>([
  ['into a directory that was not made', [`echo '${KEY}' >> ${FILE}`]],
  ['before the directory was made', [`echo '${KEY}' >> ${FILE}`, `mkdir -p ${DIR}`]],
  [
    'into a file that only root may read',
    [`mkdir -p ${DIR}`, `echo '${KEY}' > ${FILE}`, `chmod 600 ${FILE}`],
  ],
  ['where others may write', [`mkdir -p ${DIR}`, `chmod 777 ${DIR}`, `echo '${KEY}' > ${FILE}`]],
  ['and overwritten', [`mkdir -p ${DIR}`, `echo '${KEY}' > ${FILE}`, `echo '' > ${FILE}`]],
  ['somewhere else', ['mkdir -p /tmp/.ssh', `echo '${KEY}' > /tmp/.ssh/authorized_keys`]],
  ['with an open quote', [`mkdir -p ${DIR}`, `echo '${KEY} > ${FILE}`]],
  ['as an error', [`mkdir -p ${DIR}`, `echo '${KEY}' 2> ${FILE}`]],
  ['as no key', [`mkdir -p ${DIR}`, `echo 'ssh-ed25519' > ${FILE}`]],
])('does not install a key written %s', (_, runcmd) => {
  expect(installedKeys(runcmd)).toEqual([]);
});

test('runcmd is read from YAML in plain, quoted and block form', () => {
  const script = [
    'package_update: true',
    'runcmd:',
    '  - echo plain # a remark',
    "  - 'echo ''single'''",
    '  - "echo \\"double\\""',
    '  - |',
    '    echo one',
    '    echo two',
    'final_message: done',
  ].join('\n');
  expect(runcmdOf(script)).toEqual([
    'echo plain',
    "echo 'single'",
    'echo "double"',
    'echo one\necho two',
  ]);
});

test('a list that stands as far left as its key is read too', () => {
  expect(runcmdOf('runcmd:\\n- echo one\\n- echo two')).toEqual(['echo one', 'echo two']);
});

test('an entry that is a map to YAML spoils the list, and no runcmd is none', () => {
  expect(runcmdOf('runcmd:\n  - echo one\n  - echo key: value')).toEqual([]);
  expect(runcmdOf('packages:\n  - nginx')).toEqual([]);
});
