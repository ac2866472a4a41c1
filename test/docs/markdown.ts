import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FENCE = /^```(.*)$/;

/** One fenced block: what stands behind the fence, and the lines between. */
interface CodeBlock {
  readonly info: string;
  readonly text: string;
}

/** Paths of every page that readers are pointed to, from the top of the repository. */
export function pages(): readonly string[] {
  const inFolder = (folder: string): readonly string[] =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    );
  const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
  return [...top, ...['docs', 'src'].flatMap(inFolder)].filter((path) => path.endsWith('.md'));
}

export function readPage(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

/** The fenced blocks in order. */
function codeBlocks(page: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { info: string; lines: string[] } | undefined;
  for (const line of page.split('\n')) {
    const info = FENCE.exec(line)?.[1];
    if (info === undefined) open?.lines.push(line);
    else if (open === undefined) open = { info, lines: [] };
    else {
      blocks.push({ info: open.info, text: open.lines.join('\n') });
      open = undefined;
    }
  }
  return blocks;
}

type ScriptMark = 'sh walk' | 'sh simulator' | 'sh agent' | 'sh operator' | 'ts client';

/** The blocks of one mark, as one script: they are meant to be copied into one shell, one after the other. */
export function scriptOf(page: string, mark: ScriptMark): string {
  return codeBlocks(page)
    .filter(({ info }) => info === mark)
    .map(({ text }) => text)
    .join('\n');
}

/** What a page says to call, and what it says the last of these calls is answered with; those before it are 200. */
export interface CurlExample {
  readonly text: string;
  readonly status: string;
}

/** The page's calls of the broker in order, as `sh` blocks; a status that is not 200 stands behind the fence. */
export function curlExamples(page: string): readonly CurlExample[] {
  return codeBlocks(page).flatMap(({ info, text }) => {
    const [, status = '200'] = /^sh(?: (\d{3}))?$/.exec(info) ?? [];
    const isCall =
      /^sh(?: \d{3})?$/.test(info) && text.includes('curl') && text.includes('$BROKER');
    return isCall ? [{ text, status }] : [];
  });
}

/** The shell blocks that no test copies out of the page, command by command, without comments and settings. */
export function otherCommands(page: string): readonly string[] {
  const examples = new Set(curlExamples(page).map(({ text }) => text));
  return codeBlocks(page)
    .filter(({ info, text }) => info === 'sh' && !examples.has(text))
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !/^(export )?[A-Z_]+=\S*$/.test(line));
}

/** The page without its fenced blocks. */
export function proseOf(page: string): string {
  let isCode = false;
  return page
    .split('\n')
    .filter((line) => {
      const isFence = FENCE.test(line);
      if (isFence) isCode = !isCode;
      return !isFence && !isCode;
    })
    .join('\n');
}

/** The fragments by which headings are linked to, as code hosts make them. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text);
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

/** Targets of the page's links that are no addresses elsewhere. */
export function relativeLinks(page: string): readonly string[] {
  const targets = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}
