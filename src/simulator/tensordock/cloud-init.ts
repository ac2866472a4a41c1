/**
 * The `runcmd` entries of the text that v0 appends to its cloud-init script, where `\n` stands for a newline. Reads
 * as much YAML as such a list needs. As with the real thing one entry that is no string spoils them all.
 */
export function runcmdOf(script: string): string[] {
  const lines = script.replaceAll('\\n', '\n').split('\n');
  const start = lines.findIndex((line) => /^runcmd:\s*$/.test(line));
  if (start < 0) return [];
  const commands = itemsOf(sectionFrom(lines.slice(start + 1))).map(scalarOf);
  return commands.includes(undefined) ? [] : commands.filter((command) => command !== undefined);
}

interface Item {
  readonly first: string;
  readonly more: readonly string[];
}

/** Up to the next key of the document; a list may stand as far left as the key that it belongs to. */
function sectionFrom(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => /^[^\s#-]/.test(line));
  return end < 0 ? lines : lines.slice(0, end);
}

function itemsOf(lines: readonly string[]): Item[] {
  const indent = /^(\s*)- /.exec(lines.find((line) => /^\s*- /.test(line)) ?? '')?.[1] ?? '';
  const items: { first: string; more: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(`${indent}- `)) {
      items.push({ first: line.slice(indent.length + 2).trim(), more: [] });
    } else {
      items.at(-1)?.more.push(line);
    }
  }
  return items;
}

/** The item as a string; undefined when it is a map, a list, or no YAML at all. */
function scalarOf(item: Item): string | undefined {
  if (/^[|>][+-]?$/.test(item.first)) return blockOf(item);
  const text = [item.first, ...item.more.map((line) => line.trim())].join(' ').trim();
  if (text.startsWith("'")) return singleQuoted(text);
  if (text.startsWith('"')) return doubleQuoted(text);
  return plain(text);
}

function blockOf(item: Item): string {
  const indent = /^\s*/.exec(item.more.find((line) => line.trim() !== '') ?? '')?.[0].length ?? 0;
  const lines = item.more.map((line) => line.slice(indent));
  return lines.join(item.first.startsWith('|') ? '\n' : ' ').trim();
}

function singleQuoted(text: string): string | undefined {
  return /^'((?:[^']|'')*)'$/.exec(text)?.[1]?.replaceAll("''", "'");
}

/** JSON's escapes are the part of YAML's that anybody writes. */
function doubleQuoted(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function plain(text: string): string | undefined {
  const command = text.replace(/\s#.*$/, '').trim();
  const isNoScalar = /^[[{&*!%@`|>]/.test(command) || /:(?:\s|$)/.test(command);
  return isNoScalar || command === '' ? undefined : command;
}
