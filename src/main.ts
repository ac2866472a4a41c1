#!/usr/bin/env node
import { existsSync, readFileSync } from 'node:fs';
import type { Command } from './commands/command.ts';
import { CONFIG_COMMAND } from './commands/config-command.ts';
import { DATA_COMMANDS } from './commands/data-commands.ts';
import { type Config, parseConfig } from './config.ts';
import { serve } from './serve.ts';
import { SWEEP_USAGE, sweep } from './sweep.ts';
import { nodeProblem } from './system/node-version.ts';

/** The command, the configuration or the machine does not let the program start. */
const EXIT_CANNOT_START = 2;

const COMMANDS: readonly Command[] = [...DATA_COMMANDS, CONFIG_COMMAND];

const USAGE = `gpu-broker [serve]    run the broker (the default)
gpu-broker sweep      list, and with --execute end, this deployment's instances without a running broker
gpu-broker --version
gpu-broker --help

Configuration comes from the environment and from .env; see docs/configuration.md.

${COMMANDS.map(({ usage }) => usage).join('\n\n')}

${SWEEP_USAGE}`;

/** The process: environment → config → command → exit code. */
async function main(): Promise<void> {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) return cannotStart(problem);
  const [command = 'serve', ...rest] = process.argv.slice(2);
  switch (command) {
    case '--version':
      process.stdout.write(`${readPackage().version}\n`);
      return;
    case '--help':
      process.stdout.write(USAGE);
      return;
    case 'serve':
      if (rest.length > 0) return refuse(`serve takes no ${rest.join(' ')}`);
      return withConfig((config) => serve(config, readPackage().version));
    case 'sweep':
      if (rest.includes('--help')) {
        process.stdout.write(SWEEP_USAGE);
        return;
      }
      return withConfig(async (config) => {
        process.exitCode = await sweep(config, rest);
      });
    default:
      return runCommand(command, rest);
  }
}

/** Commands that need no running broker, and most of them no marketplace. */
async function runCommand(name: string, args: readonly string[]): Promise<void> {
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) return refuse(`no command ${name}`);
  if (args.includes('--help')) {
    process.stdout.write(`${command.usage}\n`);
    return;
  }
  if (existsSync('.env')) process.loadEnvFile('.env');
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  try {
    process.exitCode = await command.run(args, { env: process.env, readFile: readText, say });
  } catch (error) {
    process.stderr.write(`gpu-broker ${name}: ${sentenceOf(error)}\n`);
    process.exitCode = EXIT_CANNOT_START;
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refuse(why: string): void {
  process.stderr.write(`gpu-broker: ${why}\n\n${USAGE}`);
  process.exitCode = EXIT_CANNOT_START;
}

async function withConfig(run: (config: Config) => Promise<void>): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const result = parseConfig(process.env, readText);
  if (!result.ok) {
    const lines = result.problems.map((problem) => `  - ${problem}\n`);
    process.stderr.write(
      `gpu-broker cannot start; the configuration has these problems:\n${lines.join('')}`,
    );
    process.exitCode = EXIT_CANNOT_START;
    return;
  }
  try {
    await run(result.config);
  } catch (error) {
    cannotStart(sentenceOf(error));
  }
}

/** What was begun may keep the process alive. */
function cannotStart(why: string): void {
  process.stderr.write(`gpu-broker cannot start: ${why}\n`);
  process.exit(EXIT_CANNOT_START);
}

function readPackage(): { readonly version: string } {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return { version };
}

await main();
