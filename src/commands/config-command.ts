import { environmentReader } from '../config/environment.ts';
import type { Variable } from '../config/variable.ts';
import { VARIABLE_GROUPS } from '../config/variables.ts';
import { type Config, parseConfig } from '../config.ts';
import {
  type Command,
  type CommandContext,
  CommandError,
  EXIT_GOOD,
  EXIT_USAGE,
} from './command.ts';

export const CONFIG_COMMAND: Command = {
  name: 'config',
  usage: `gpu-broker config check | print
  check tells every problem of the configuration at once; print shows what each variable comes to. No secret is shown.`,
  run: (args, context) => {
    const [what, ...more] = args;
    if (more.length > 0) throw new CommandError(`config ${what} takes no ${more.join(' ')}`);
    switch (what) {
      case 'check':
        return check(context);
      case 'print':
        return print(context);
      default:
        throw new CommandError('say config check or config print');
    }
  },
};

function check({ env, readFile, say }: CommandContext): number {
  const result = parseConfig(env, readFile);
  if (!result.ok) {
    for (const problem of result.problems) say(`problem: ${problem}`);
    return EXIT_USAGE;
  }
  for (const line of summaryOf(result.config)) say(line);
  say('the configuration is good');
  return EXIT_GOOD;
}

function summaryOf({ server, store, vastai, tensordock }: Config): readonly string[] {
  const callers = server.tokens.map(({ name }) => name);
  return [
    `listens on ${server.host} port ${server.port}, ${callers.length === 0 ? 'for everybody who reaches it' : `for ${[...new Set(callers)].join(', ')}`}`,
    `keeps its rows in ${store.databasePath}`,
    ...(vastai ? [`vastai at ${vastai.baseUrl}`] : []),
    ...(tensordock ? [`tensordock ${tensordock.apiVersion} at ${tensordock.baseUrl}`] : []),
  ];
}

function print({ env, readFile, say }: CommandContext): number {
  const reader = environmentReader(env, readFile);
  for (const { title, variables } of VARIABLE_GROUPS) {
    say(`# ${title}`);
    for (const variable of variables) {
      const { text, source } = reader.told(variable);
      say(`${variable.name}=${shown(variable, text)}${source === '' ? '' : `  # ${source}`}`);
    }
  }
  for (const problem of reader.problems) say(`# problem: ${problem}`);
  return EXIT_GOOD;
}

function shown({ isSecret, defaultText }: Variable<unknown>, text: string | undefined): string {
  if (text === undefined) return defaultText;
  return isSecret ? '[set]' : text;
}
