import type { SimContainer } from '../model.ts';

/** Options of `docker run` that take no value; of those that are not here the next word is the value. */
const PLAIN_OPTIONS: ReadonlySet<string> = new Set([
  ...['-d', '--detach', '-i', '--interactive', '-t', '--tty', '-it', '--rm', '--init'],
  ...['--privileged', '--read-only', '-q', '--quiet', '-P', '--publish-all', '--no-healthcheck'],
]);

interface Option {
  readonly name: string;
  readonly value: string;
}

/**
 * The container that a command line runs; undefined for any other command. One that gets no GPUs serves no model and is
 * taken for none.
 */
export function containerRunBy(words: readonly string[]): SimContainer | undefined {
  const at = words.findIndex((word, index) => word === 'docker' && words[index + 1] === 'run');
  if (at < 0) return undefined;
  const { options, rest } = split(words.slice(at + 2));
  const [image, ...args] = rest;
  const valuesOf = (...names: readonly string[]): string[] =>
    options.filter(({ name }) => names.includes(name)).map(({ value }) => value);
  const hasGpus = valuesOf('--gpus').length > 0 || valuesOf('--runtime').includes('nvidia');
  if (image === undefined || !hasGpus) return undefined;
  return {
    image,
    args,
    env: Object.fromEntries(valuesOf('-e', '--env').map(assignment)),
    ports: valuesOf('-p', '--publish').flatMap(publishedPort),
  };
}

/** Options come first; with the first word that is none, the image's, everything else is the container's. */
function split(words: readonly string[]): {
  readonly options: Option[];
  readonly rest: readonly string[];
} {
  const options: Option[] = [];
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (!word.startsWith('-')) break;
    const [name = '', ...value] = word.split('=');
    const isWhole = value.length > 0 || PLAIN_OPTIONS.has(word);
    options.push({ name, value: isWhole ? value.join('=') : (words[at + 1] ?? '') });
    at += isWhole ? 1 : 2;
  }
  return { options, rest: words.slice(at) };
}

function assignment(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** `[address:]port:port[/tcp]`; the machine's own number, which is what leads in from outside. */
function publishedPort(text: string): number[] {
  const [, outside = ''] = /^(?:[\d.]+:)?(\d{1,5}):\d{1,5}(?:\/tcp)?$/.exec(text) ?? [];
  return outside === '' ? [] : [Number(outside)];
}
