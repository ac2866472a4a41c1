import { type SimpleCommand, simpleCommands } from './shell-commands.ts';

interface Entry {
  mode: number;
  owner: string;
  content: string;
  readonly kind: 'directory' | 'file';
}
type Tree = Map<string, Entry>;

const KEY_LINE = /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp\d+) [A-Za-z0-9+/]+={0,2}(?: .*)?$/;
const GROUP_OR_OTHERS_WRITE = 0o022;
const ACCOUNTS = [
  { name: 'root', home: '/root' },
  { name: 'user', home: '/home/user' },
] as const;

/**
 * The public keys that a boot's `runcmd` entries put where sshd accepts them: into an account's `authorized_keys`,
 * in a directory made before, with modes and an owner that sshd's strict check lets pass. Nothing else that a
 * renter sends installs a key on v2 (fact sheet §5).
 */
export function installedKeys(runcmd: readonly string[]): string[] {
  const tree = freshTree();
  for (const entry of runcmd) for (const command of simpleCommands(entry)) run(tree, command);
  return [...new Set(ACCOUNTS.flatMap((account) => keysOf(tree, account)))];
}

export function isPublicKey(text: string): boolean {
  return KEY_LINE.test(text.trim());
}

function freshTree(): Tree {
  const homes = ACCOUNTS.map(
    ({ name, home }) =>
      [home, { kind: 'directory', mode: 0o755, owner: name, content: '' }] as const,
  );
  return new Map<string, Entry>(homes);
}

type Act = (tree: Tree, words: readonly string[], command: SimpleCommand) => void;

const ACTS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['mkdir', makeDirectories],
  ['install', (tree, words) => words.includes('-d') && makeDirectories(tree, ['-p', ...words])],
  ['chmod', (tree, words) => changeMode(tree, operandsOf(words))],
  ['chown', (tree, words) => changeOwner(tree, operandsOf(words))],
  ['echo', (tree, words, { output }) => write(tree, output, echoed(words))],
  ['printf', (tree, words, { output }) => write(tree, output, printed(words))],
]);

/** A command of another name changes nothing that matters to a key. */
function run(tree: Tree, command: SimpleCommand): void {
  const words = command.words[0] === 'sudo' ? command.words.slice(1) : command.words;
  const [name = '', ...rest] = words;
  ACTS.get(name)?.(tree, rest, command);
}

/** `mkdir [-p] [-m mode] path…`, and `install -d`, which takes an owner besides. */
function makeDirectories(tree: Tree, words: readonly string[]): void {
  const mode = optionOf(words, '-m');
  const owner = optionOf(words, '-o') ?? 'root';
  const valued = new Set(['-m', '-o', '-g']);
  const paths = words.filter(
    (word, at) => !word.startsWith('-') && !valued.has(words[at - 1] ?? ''),
  );
  for (const path of paths.map(clean)) {
    const allowed = words.includes('-p') || tree.has(parentOf(path));
    if (!allowed || tree.has(path)) continue;
    tree.set(path, {
      kind: 'directory',
      mode: mode === undefined ? 0o755 : Number.parseInt(mode, 8),
      owner,
      content: '',
    });
  }
}

function changeMode(tree: Tree, operands: Operands): void {
  if (!/^[0-7]{3,4}$/.test(operands.value)) return;
  for (const entry of entriesAt(tree, operands)) entry.mode = Number.parseInt(operands.value, 8);
}

function changeOwner(tree: Tree, operands: Operands): void {
  const [owner = ''] = operands.value.split(':');
  for (const entry of entriesAt(tree, operands)) entry.owner = owner;
}

/** A shell refuses to write below a directory that is not there, and then the key is lost. */
function write(tree: Tree, output: SimpleCommand['output'], text: string): void {
  if (output === null) return;
  const path = clean(output.path);
  if (tree.get(parentOf(path))?.kind !== 'directory') return;
  const before = tree.get(path);
  tree.set(path, {
    kind: 'file',
    mode: before?.mode ?? 0o644,
    owner: before?.owner ?? 'root',
    content: output.appends ? `${before?.content ?? ''}${text}` : text,
  });
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

interface Operands {
  readonly value: string;
  readonly paths: readonly string[];
  readonly isRecursive: boolean;
}

function operandsOf(words: readonly string[]): Operands {
  const [value = '', ...paths] = words.filter((word) => !word.startsWith('-'));
  return { value, paths: paths.map(clean), isRecursive: words.includes('-R') };
}

function entriesAt(tree: Tree, operands: Operands): Entry[] {
  const isMeant = (path: string) =>
    operands.paths.some(
      (wanted) => path === wanted || (operands.isRecursive && path.startsWith(`${wanted}/`)),
    );
  return [...tree].filter(([path]) => isMeant(path)).map(([, entry]) => entry);
}

function echoed(words: readonly string[]): string {
  return `${words.filter((word) => !/^-[neE]+$/.test(word)).join(' ')}\n`;
}

function printed(words: readonly string[]): string {
  const [format = '', ...values] = words;
  const layout = format.replaceAll('\\n', '\n');
  if (!layout.includes('%s')) return layout;
  return values.map((value) => layout.replace('%s', () => value)).join('');
}

function optionOf(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at < 0 ? undefined : words[at + 1];
}

function clean(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
