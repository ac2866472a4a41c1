import { existsSync, readFileSync } from 'node:fs';
import { type App, createApp } from './app.ts';
import { type Config, parseConfig } from './config.ts';
import { systemClock } from './system/clock.ts';
import { createLogger } from './telemetry/logger.ts';

/** The configuration, or the machine, does not let the broker start. */
const EXIT_CANNOT_START = 2;

/** The process: environment → config → app → listen → signals → exit code. */
async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig();
  if (!config) {
    process.exitCode = EXIT_CANNOT_START;
    return;
  }
  const logger = createLogger({ level: config.log.level, format: logFormat(config) });
  try {
    const { version } = readPackage();
    const guard = <Port>(_name: string, port: Port): Port => port;
    const app = await createApp({ config, logger, version, clock: systemClock, guard });
    closeOnSignal(app, { config, logger });
    await app.start();
    logger.info({ addresses: app.server.addresses() }, 'broker ready');
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    process.stderr.write(`gpu-broker cannot start: ${sentence}\n`);
    process.exit(EXIT_CANNOT_START);
  }
}

function readConfig(): Config | undefined {
  const result = parseConfig(process.env, (path) => readFileSync(path, 'utf8'));
  if (result.ok) return result.config;
  const lines = result.problems.map((problem) => `  - ${problem}\n`);
  process.stderr.write(
    `gpu-broker cannot start; the configuration has these problems:\n${lines.join('')}`,
  );
  return undefined;
}

function logFormat({ log }: Config): 'json' | 'pretty' {
  if (log.format !== 'auto') return log.format;
  return process.stdout.isTTY ? 'pretty' : 'json';
}

function readPackage(): { readonly version: string } {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return { version };
}

/** Both signals drain and exit 0; a drain that hangs is cut off, and sessions go on either way. */
function closeOnSignal(
  app: App,
  { config, logger }: { readonly config: Config; readonly logger: ReturnType<typeof createLogger> },
): void {
  let isClosing = false;
  const close = async (signal: NodeJS.Signals): Promise<void> => {
    if (isClosing) return;
    isClosing = true;
    logger.info({ signal }, 'shutting down; sessions go on');
    const timer = setTimeout(() => {
      logger.warn('open work did not finish in time');
      process.exit(0);
    }, config.lifecycle.shutdownTimeoutMs);
    await app.stop();
    clearTimeout(timer);
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void close(signal));
  process.on('SIGINT', (signal) => void close(signal));
}

await main();
