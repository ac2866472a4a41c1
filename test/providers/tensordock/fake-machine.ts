import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that shell text takes for a machine: its paths lead there, and its programs only note what they are asked. */
export interface FakeMachine {
  /** Runs lines as cloud-init does, in one script of `sh`. */
  boot(commands: readonly string[]): ShellOutcome;
  /** Runs a file of the machine as its unit would. */
  run(path: string): ShellOutcome;
  read(path: string): string;
  write(path: string, text: string): void;
  /** Makes a program do this from now on, in shell; `$flags` is a directory to keep marks in. */
  teach(program: string, body: string): void;
  /** What the programs were asked, in order, each with its name first. */
  calls(program?: string): readonly (readonly string[])[];
  forget(): void;
  /** Takes a mark away that a program left in `$flags`. */
  unmark(name: string): void;
  /** Takes a program away, and keeps it in `$flags` for whoever installs it. */
  shelve(program: string): void;
  remove(): void;
}

export interface ShellOutcome {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Programs that change nothing outside of what they are given. Whatever is not here does not exist on the machine. */
const REAL_PROGRAMS = [
  'base64',
  'cat',
  'chmod',
  'cp',
  'date',
  'grep',
  'mkdir',
  'rm',
  'timeout',
  'touch',
  'uname',
];

/** Places that a script writes to or reads; none of them is this computer's own. */
const PLACES = /(?<=[\s=>"'(:])\/(?=(?:root|home|var|etc|usr\/share)\b)/g;

export function fakeMachine(programs: Readonly<Record<string, string>>): FakeMachine {
  const root = mkdtempSync(join(tmpdir(), 'machine-'));
  const place = (path: string): string => join(root, path);
  for (const folder of [
    'bin',
    'flags',
    'root',
    'home/user',
    'var/log',
    'etc/systemd/system',
    'etc/apt/sources.list.d',
    'usr/share/keyrings',
  ]) {
    mkdirSync(place(folder), { recursive: true });
  }
  const put = (name: string, text: string): void => {
    writeFileSync(place(`bin/${name}`), text);
    chmodSync(place(`bin/${name}`), 0o755);
  };
  const teach = (name: string, body: string): void => put(name, fakeProgram(root, name, body));
  for (const name of REAL_PROGRAMS) put(name, realProgram(name));
  for (const [name, body] of Object.entries(programs)) teach(name, body);
  const shell = (args: readonly string[]): ShellOutcome => {
    const env = { PATH: place('bin') };
    const done = spawnSync(args[0] ?? '', args.slice(1), {
      env,
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { exitCode: done.status, output: `${done.stdout}${done.stderr}` };
  };
  return {
    boot: (commands) => shell(['/bin/sh', '-c', commands.join('\n').replace(PLACES, `${root}/`)]),
    run(path) {
      const text = readFileSync(place(path), 'utf8').replace(PLACES, `${root}/`);
      writeFileSync(place('script'), text);
      return shell(['/bin/bash', place('script')]);
    },
    read: (path) => readFileSync(place(path), 'utf8'),
    teach,
    calls: (program) => callsIn(root).filter(([name]) => program === undefined || name === program),
    write: (path, text) => writeFileSync(place(path), text),
    unmark: (name) => rmSync(place(`flags/${name}`)),
    shelve: (name) => renameSync(place(`bin/${name}`), place(`flags/${name}`)),
    forget: () => rmSync(place('calls'), { force: true }),
    remove: () => rmSync(root, { recursive: true }),
  };
}

/** A script and no link: whoever writes to the machine's program must never reach this computer's own. */
function realProgram(name: string): string {
  const found = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return `#!/bin/sh\nexec ${found.stdout.trim()} "$@"\n`;
}

const END_OF_CALL = '\u001e';

function fakeProgram(root: string, name: string, body: string): string {
  const note = `printf '%s\\0' ${name} "$@" ${END_OF_CALL} >> ${root}/calls`;
  return `#!/bin/bash\nflags=${root}/flags\nbin=${root}/bin\n${note}\n${body}\n`;
}

function callsIn(root: string): string[][] {
  const calls: string[][] = [];
  let current: string[] = [];
  for (const word of wordsIn(join(root, 'calls'))) {
    if (word !== END_OF_CALL) current.push(word);
    else {
      calls.push(current);
      current = [];
    }
  }
  return calls;
}

function wordsIn(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}
