/** One simple command: its words with the quotes taken off, and where its output goes. */
export interface SimpleCommand {
  readonly words: readonly string[];
  readonly output: { readonly path: string; readonly appends: boolean } | null;
}

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'redirect'; readonly operator: string }
  | { readonly kind: 'end' };

const BLANK = /(?:[ \t\r]|\\\n|#[^\n]*)+/y;
const END = /(?:&&|\|\||[;&|<\n])/y;
const REDIRECT = /\d?>>?(?:&\d)?/y;
const WORD = /(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\;&|<>])+/y;
const PIECE = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\]+)/g;

/**
 * The simple commands of a script that has no loops, variables or here-documents: as much of a shell as is needed to
 * see which files a boot script writes. A script with an open quote runs nothing, as in a real shell.
 */
export function simpleCommands(script: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let pending: Token[] = [];
  for (const token of [...tokens(script), { kind: 'end' } as const]) {
    if (token.kind !== 'end') {
      pending.push(token);
    } else if (pending.length > 0) {
      commands.push(commandOf(pending));
      pending = [];
    }
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
  if (seen.end !== undefined) return { kind: 'end' };
  if (seen.redirect !== undefined) return { kind: 'redirect', operator: seen.redirect };
  return { kind: 'word', text: unquoted(seen.text) };
}

function commandOf(parts: readonly Token[]): SimpleCommand {
  const words: string[] = [];
  let output: SimpleCommand['output'] = null;
  let redirect: string | undefined;
  for (const part of parts) {
    if (part.kind === 'redirect') {
      redirect = part.operator.includes('&') ? undefined : part.operator;
    } else if (part.kind === 'word' && redirect === undefined) {
      words.push(part.text);
    } else if (part.kind === 'word') {
      // Another descriptor's output, such as errors sent to /dev/null, is not the command's.
      const isStandard =
        redirect === '>' || redirect === '>>' || redirect?.startsWith('1') === true;
      if (isStandard) output = { path: part.text, appends: redirect?.endsWith('>>') === true };
      redirect = undefined;
    }
  }
  return { words, output };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function unquoted(word: string): string {
  return word.replace(
    PIECE,
    (_, single?: string, double?: string, escaped?: string, plain?: string) =>
      single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '',
  );
}
