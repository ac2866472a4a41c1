import type { SimpleCommand } from './shell-commands.ts';

export interface Entry {
  mode: number;
  owner: string;
  content: string;
  readonly kind: 'directory' | 'file';
}
/** What a boot's shell has written where; by whole path. */
export type Tree = Map<string, Entry>;

export const ACCOUNTS = [
  { name: 'root', home: '/root' },
  { name: 'user', home: '/home/user' },
] as const;

/** Directories that every image has. */
const SYSTEM_PLACES = [
  '/etc/systemd/system',
  '/opt',
  '/tmp',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/var/lib',
  '/var/log',
];

export function freshTree(): Tree {
  const tree: Tree = new Map();
  for (const { name, home } of ACCOUNTS) tree.set(home, directory(name));
  for (const path of SYSTEM_PLACES) tree.set(path, directory('root'));
  return tree;
}

function directory(owner: string, mode = 0o755): Entry {
  return { kind: 'directory', mode, owner, content: '' };
}

/** What a program writes to its output; undefined for one that writes nothing. */
type Act = (tree: Tree, words: readonly string[], input: string) => string | undefined;

const ACTS: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['mkdir', silent(makeDirectories)],
  [
    'install',
    silent((tree, words) => words.includes('-d') && makeDirectories(tree, ['-p', ...words])),
  ],
  ['chmod', silent((tree, words) => changeMode(tree, operandsOf(words)))],
  ['chown', silent((tree, words) => changeOwner(tree, operandsOf(words)))],
  ['echo', (_, words) => echoed(words)],
  ['printf', (_, words) => printed(words)],
  ['base64', (_, words, input) => decoded(words, input)],
  ['cat', (tree, words, input) => (words.length === 0 ? input : contentsOf(tree, words))],
  ['tee', teed],
]);

/** Plays one command that stands behind another's output; a program of another name writes and changes nothing that matters. */
export function play(tree: Tree, command: SimpleCommand, input: string): string {
  const words = command.words[0] === 'sudo' ? command.words.slice(1) : command.words;
  const [name = '', ...rest] = words;
  const output = ACTS.get(name)?.(tree, rest, input) ?? '';
  // The shell opens the file that output goes to, whatever program it starts.
  if (command.output !== null) write(tree, command.output, output);
  return command.output === null ? output : '';
}

function silent(act: (tree: Tree, words: readonly string[]) => unknown): Act {
  return (tree, words) => {
    act(tree, words);
    return undefined;
  };
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
    tree.set(path, directory(owner, mode === undefined ? 0o755 : Number.parseInt(mode, 8)));
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

/** A shell refuses to write below a directory that is not there, and then what was to be written is lost. */
function write(tree: Tree, output: NonNullable<SimpleCommand['output']>, text: string): void {
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

function teed(tree: Tree, words: readonly string[], input: string): string {
  const appends = words.includes('-a');
  for (const path of words.filter((word) => !word.startsWith('-'))) {
    write(tree, { path, appends }, input);
  }
  return input;
}

/** Only decoding matters to a boot; `base64` stops at what is none. */
function decoded(words: readonly string[], input: string): string {
  const decodes = words.some((word) => word === '-d' || word === '--decode' || word === '-di');
  const text = input.replace(/\s/g, '');
  return decodes && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
    ? Buffer.from(text, 'base64').toString('utf8')
    : '';
}

function contentsOf(tree: Tree, paths: readonly string[]): string {
  return paths.map((path) => tree.get(clean(path))?.content ?? '').join('');
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
