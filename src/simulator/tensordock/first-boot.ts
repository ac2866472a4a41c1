import { pullFailure } from '../images.ts';
import type { DriverSource, FacadeQuirks, SimContainer } from '../model.ts';
import { acceptedKeys } from './boot-keys.ts';
import { containerRunBy } from './docker-run.ts';
import { freshTree, play, type Tree } from './file-tree.ts';
import { type SimpleCommand, simpleCommands } from './shell-commands.ts';
import { execStartOf, unitsIn } from './systemd.ts';

/** What comes of a first boot's `runcmd`. */
export interface FirstBoot {
  readonly keys: readonly string[];
  readonly container: SimContainer | null;
  /** The script that this boot and every later one starts, where it runs no container. */
  readonly onStart: string | null;
  readonly driver: DriverSource;
}

/**
 * Plays the entries in order, on an image as the fact sheet describes it (§7). Loops, conditions and functions are read
 * as if all of them were run once: enough to see what a script means to do, and what it never mentions.
 */
export function firstBoot(
  runcmd: readonly string[],
  image: FacadeQuirks['dockImageAs'],
): FirstBoot {
  const tree = freshTree();
  const entries = runcmd.flatMap((entry) => played(tree, entry));
  const units = unitsIn(entries);
  const scriptOf = (unit: string): string | undefined => startedScript(tree, unit);
  const isEnabled = (unit: string): boolean => units.enabled.includes(unit);
  const started = units.started.map(scriptOf).filter((script) => script !== undefined);
  const once = entries.map((entry) => scriptRunBy(tree, entry)).filter((one) => one !== undefined);
  const commands = [...entries, ...[...started, ...once].flatMap(simpleCommands)];
  return {
    keys: acceptedKeys(tree),
    container: isMadeReady(commands, image) ? containerIn(commands) : null,
    onStart: units.started.filter(isEnabled).map(scriptOf).find(isStartScript) ?? null,
    driver: driverOf(commands, image),
  };
}

/** A bare image has none that works: who waits for the lock and installs one gets one, some only after a reboot. */
function driverOf(
  commands: readonly SimpleCommand[],
  image: FacadeQuirks['dockImageAs'],
): DriverSource {
  if (image === 'complete') return 'ready';
  if (!speaksOf(commands, [DRIVER, LOCK])) return 'lacking';
  return commands.some(isReboot) ? 'installed with a reboot' : 'installed';
}

function isReboot({ words }: SimpleCommand): boolean {
  const [program = '', ...rest] = words.filter((word) => !WRAPPERS.has(word));
  return /^(?:\/sbin\/)?reboot$/.test(program) || (program === 'systemctl' && rest[0] === 'reboot');
}

function played(tree: Tree, entry: string): SimpleCommand[] {
  const commands = simpleCommands(entry);
  let output = '';
  for (const command of commands) output = play(tree, command, command.isPiped ? output : '');
  return commands;
}

function startedScript(tree: Tree, unit: string): string | undefined {
  const [command] = simpleCommands(execStartOf(tree, unit) ?? '');
  return command && scriptRunBy(tree, command);
}

/** The text that `bash file`, `bash -c text` or the file itself runs. */
function scriptRunBy(tree: Tree, { words }: SimpleCommand): string | undefined {
  const [program = '', ...rest] = words.filter((word) => !WRAPPERS.has(word));
  if (!/(?:^|\/)(?:ba|da)?sh$/.test(program)) return tree.get(program)?.content;
  const inline = rest.indexOf('-c');
  if (inline >= 0) return rest[inline + 1];
  return tree.get(rest.find((word) => !word.startsWith('-')) ?? '')?.content;
}

const WRAPPERS: ReadonlySet<string> = new Set(['sudo', 'nohup', 'exec', 'setsid']);

/** An image that cannot be pulled never becomes a container, and nothing but the machine's own log tells of it. */
function containerIn(commands: readonly SimpleCommand[]): SimContainer | null {
  const [container] = containersIn(commands);
  return container && pullFailure(container.image) === undefined ? container : null;
}

function containersIn(commands: readonly SimpleCommand[]): SimContainer[] {
  return commands
    .map(({ words }) => containerRunBy(words))
    .filter((container) => container !== undefined);
}

function isStartScript(script: string | undefined): boolean {
  if (script === undefined) return false;
  const commands = simpleCommands(script);
  return containersIn(commands).length === 0 && !speaksOf(commands, [DRIVER, LOCK]);
}

/** What images lack at first boot, by words of which a script that puts it in has at least one. */
const DRIVER = /^(?:nvidia-driver|nvidia-headless|cuda-drivers|ubuntu-drivers|nvidia-dkms)|^dkms$/;
/** Unattended upgrades hold the lock for 2 to 5 min after the boot: who does not wait for it installs nothing. */
const LOCK = /DPkg::Lock::Timeout|\/var\/lib\/dpkg\/lock|^unattended-upgrades/;
const LACKING: readonly RegExp[] = [
  /^(?:docker\.io|docker-ce|https:\/\/get\.docker\.com)$/,
  /^nvidia-(?:container-toolkit|docker2)$/,
  DRIVER,
  LOCK,
];

function isMadeReady(
  commands: readonly SimpleCommand[],
  image: FacadeQuirks['dockImageAs'],
): boolean {
  return image === 'complete' || speaksOf(commands, LACKING);
}

function speaksOf(commands: readonly SimpleCommand[], things: readonly RegExp[]): boolean {
  const words = commands.flatMap((command) => command.words);
  return things.every((what) => words.some((word) => what.test(word)));
}
