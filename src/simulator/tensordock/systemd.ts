import type { Tree } from './file-tree.ts';
import type { SimpleCommand } from './shell-commands.ts';

export interface Units {
  /** Started at each boot that comes. */
  readonly enabled: readonly string[];
  /** Started at this one. */
  readonly started: readonly string[];
}

/** The units that `systemctl enable [--now]` and `systemctl start` name. */
export function unitsIn(commands: readonly SimpleCommand[]): Units {
  const calls = commands.filter(({ words }) => words[0] === 'systemctl').map(callOf);
  const named = (verbs: (call: Call) => boolean): string[] =>
    calls.filter(verbs).flatMap((call) => call.units);
  return {
    enabled: named(({ verb }) => verb === 'enable'),
    started: named(({ verb, isNow }) => verb === 'start' || verb === 'restart' || isNow),
  };
}

interface Call {
  readonly verb: string;
  readonly units: readonly string[];
  readonly isNow: boolean;
}

function callOf({ words }: SimpleCommand): Call {
  const [verb = '', ...units] = words.slice(1).filter((word) => !word.startsWith('-'));
  return { verb, units: units.map(fullName), isNow: verb === 'enable' && words.includes('--now') };
}

function fullName(unit: string): string {
  return /\.\w+$/.test(unit) ? unit : `${unit}.service`;
}

/** The command line of a unit that the boot wrote. */
export function execStartOf(tree: Tree, unit: string): string | undefined {
  const text = tree.get(`/etc/systemd/system/${unit}`)?.content ?? '';
  return /^ExecStart=[-@:+!]*(.+)$/m.exec(text)?.[1];
}
