import type { Variable } from './variable.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a file whole; throws when it cannot. */
export type ReadFile = (path: string) => string;

/** Reads variables one by one and keeps every problem until the end. */
export interface EnvironmentReader {
  /** The variable's value; its fallback when it is not set or not valid, and then the problem is kept. */
  read<Value>(variable: Variable<Value>): Value;
  /** The values of a whole group, under the same keys. */
  readAll<Group extends Readonly<Record<string, Variable<unknown>>>>(group: Group): Values<Group>;
  /** How the variable was given, unparsed; both empty where it was not. */
  told(variable: Variable<unknown>): { readonly text: string | undefined; readonly source: string };
  report(problem: string): void;
  readonly problems: readonly string[];
}

export type Values<Group> = {
  readonly [Key in keyof Group]: Group[Key] extends Variable<infer Value> ? Value : never;
};

/** One way in which a value was given. */
interface Given {
  readonly source: string;
  readonly text: string;
}

export function environmentReader(env: Environment, readFile: ReadFile): EnvironmentReader {
  const problems: string[] = [];
  const report = (problem: string): void => {
    problems.push(problem);
  };
  const read = <Value>(variable: Variable<Value>): Value => {
    const [first, ...others] = givenValues(variable);
    if (!first) return variable.fallback;
    const other = others.find(({ text }) => text !== first.text);
    if (other) report(`${first.source} and ${other.source} are both set and differ`);
    const parsed = variable.parse(first.text);
    if (parsed.ok) return parsed.value;
    report(`${first.source} ${parsed.problem}`);
    return variable.fallback;
  };
  /** An empty value counts as not set, as compose files and unit files write it. */
  const givenValues = (variable: Variable<unknown>): readonly Given[] =>
    [variable.name, ...variable.aliases].flatMap((name) => [
      ...given(name, env[name]),
      ...(variable.isSecret ? given(`${name}_FILE`, contentsOf(`${name}_FILE`)) : []),
    ]);
  const contentsOf = (name: string): string | undefined => {
    const path = env[name]?.trim();
    if (!path) return undefined;
    const text = textOf(path, readFile);
    if (!text) report(`${name} names a file that cannot be read or is empty`);
    return text;
  };
  return {
    read,
    told(variable) {
      const [first] = givenValues(variable);
      return { text: first?.text, source: first?.source ?? '' };
    },
    readAll(group) {
      const entries = Object.entries(group).map(([key, variable]) => [key, read(variable)]);
      return Object.fromEntries(entries) as Values<typeof group>;
    },
    report,
    problems,
  };
}

function given(source: string, value: string | undefined): readonly Given[] {
  const text = value?.trim() ?? '';
  return text === '' ? [] : [{ source, text }];
}

/** Undefined when it cannot be read; the reason may hold more of the path's surroundings than a problem should tell. */
function textOf(path: string, readFile: ReadFile): string | undefined {
  try {
    return readFile(path).trim();
  } catch {
    return undefined;
  }
}
