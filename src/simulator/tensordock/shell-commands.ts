/** One simple command: its words with the quotes taken off, and where its output goes. */
export interface SimpleCommand {
  readonly words: readonly string[];
  readonly output: { readonly path: string; readonly appends: boolean } | null;
  /** It reads what the command before it wrote. */
  readonly isPiped: boolean;
}

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'redirect'; readonly operator: string }
  | { readonly kind: 'end'; readonly isPipe: boolean };

const BLANK = /(?:[ \t\r]|\\\n|#[^\n]*)+/y;
const END = /(?:&&|\|\||[;&|<\n])/y;
const REDIRECT = /\d?>>?(?:&\d)?/y;
const WORD = /(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\;&|<>])+/y;
const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\]+)/g;
const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;

/** Words that stand before a command and are none. */
const CONTROL_WORDS: ReadonlySet<string> = new Set([
  ...['{', '}', '(', ')', '!', 'if', 'then', 'elif', 'else', 'fi', 'for', 'do', 'done'],
  ...['while', 'until', 'local', 'export', 'readonly', 'function'],
]);

type Variables = Map<string, string>;

/**
 * The simple commands of a script, in the order in which they stand: loops, conditions and functions are not played,
 * and here-documents not read; variables have the value that was last written down. As much of a shell as is needed to
 * see which files a boot script writes and what it starts. A script with an open quote runs nothing, as in a real shell.
 */
export function simpleCommands(script: string): SimpleCommand[] {
  const variables: Variables = new Map();
  const commands: SimpleCommand[] = [];
  let pending: Token[] = [];
  let isPiped = false;
  for (const token of [...tokens(script), { kind: 'end', isPipe: false } as const]) {
    if (token.kind !== 'end') {
      pending.push(token);
      continue;
    }
    const command = commandOf(pending, { isPiped, variables });
    if (command.words.length > 0 || command.output !== null) commands.push(command);
    isPiped = token.isPipe;
    pending = [];
  }
  return commands;
}

function tokens(script: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < script.length) {
    const blank = matchAt(BLANK, script, at);
    const end = matchAt(END, script, at);
    const redirect = matchAt(REDIRECT, script, at);
    const word = matchAt(WORD, script, at);
    const text = blank ?? end ?? redirect ?? word;
    if (text === undefined) return [];
    if (blank === undefined) found.push(tokenOf({ end, redirect, text }));
    at += text.length;
  }
  return found;
}

function tokenOf(seen: {
  readonly end: string | undefined;
  readonly redirect: string | undefined;
  readonly text: string;
}): Token {
  if (seen.end !== undefined) return { kind: 'end', isPipe: seen.end === '|' };
  if (seen.redirect !== undefined) return { kind: 'redirect', operator: seen.redirect };
  return { kind: 'word', text: seen.text };
}

interface Surroundings {
  readonly isPiped: boolean;
  readonly variables: Variables;
}

function commandOf(parts: readonly Token[], { isPiped, variables }: Surroundings): SimpleCommand {
  const words: string[] = [];
  let output: SimpleCommand['output'] = null;
  let redirect: string | undefined;
  for (const part of parts) {
    if (part.kind === 'redirect') {
      redirect = part.operator.includes('&') ? undefined : part.operator;
    } else if (part.kind === 'word' && redirect === undefined) {
      words.push(unquoted(part.text, variables));
    } else if (part.kind === 'word') {
      // Another descriptor's output, such as errors sent to /dev/null, is not the command's.
      const isStandard =
        redirect === '>' || redirect === '>>' || redirect?.startsWith('1') === true;
      const path = unquoted(part.text, variables);
      if (isStandard) output = { path, appends: redirect?.endsWith('>>') === true };
      redirect = undefined;
    }
  }
  return { words: withoutPrefix(words, variables), output, isPiped };
}

/** Takes off what stands before the command, and keeps what variables are set there. */
function withoutPrefix(words: readonly string[], variables: Variables): string[] {
  for (const [at, word] of words.entries()) {
    const [, name, value = ''] = ASSIGNMENT.exec(word) ?? [];
    if (name !== undefined) variables.set(name, value);
    else if (!CONTROL_WORDS.has(word) && !word.endsWith('()')) return words.slice(at);
  }
  return [];
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function unquoted(word: string, variables: Variables): string {
  return word.replace(
    PIECE,
    (_, single?: string, double?: string, escaped?: string, plain?: string) =>
      single ?? expandedIn(double, variables) ?? escaped ?? expandedIn(plain, variables) ?? '',
  );
}

const EXPANSION = /\\(["\\$`])|\$(?:(\w+)|\{(\w+)\})/g;

/** A variable that nobody has set, such as an argument of a function, stays as it is written. */
function expandedIn(text: string | undefined, variables: Variables): string | undefined {
  return text?.replace(
    EXPANSION,
    (whole: string, escaped?: string, bare?: string, braced?: string) =>
      escaped ?? variables.get(bare ?? braced ?? '') ?? whole,
  );
}
