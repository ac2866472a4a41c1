import { ACCOUNTS, type Entry, type Tree } from './file-tree.ts';

const KEY_LINE = /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+={0,2}(?: .*)?$/;
const GROUP_OR_OTHERS_WRITE = 0o022;

/**
 * The public keys that lie where sshd accepts them: in an account's `authorized_keys`, with modes and an owner that
 * sshd's strict check lets pass. Nothing else that a renter sends installs a key on v2 (fact sheet §5).
 */
export function acceptedKeys(tree: Tree): string[] {
  return [...new Set(ACCOUNTS.flatMap((account) => keysOf(tree, account)))];
}

export function isPublicKey(text: string): boolean {
  return KEY_LINE.test(text.trim());
}

function keysOf(tree: Tree, account: (typeof ACCOUNTS)[number]): string[] {
  const directory = tree.get(`${account.home}/.ssh`);
  const file = tree.get(`${account.home}/.ssh/authorized_keys`);
  if (directory === undefined || file === undefined) return [];
  if (!isTrusted(directory, account.name, 0o001) || !isTrusted(file, account.name, 0o004))
    return [];
  return file.content
    .split('\n')
    .map((line) => line.trim())
    .filter(isPublicKey);
}

/** sshd reads as the account: the entry is the account's own, or root's and open to all with `others` bits. */
function isTrusted(entry: Entry, account: string, others: number): boolean {
  if ((entry.mode & GROUP_OR_OTHERS_WRITE) !== 0) return false;
  return entry.owner === account || (entry.owner === 'root' && (entry.mode & others) !== 0);
}
