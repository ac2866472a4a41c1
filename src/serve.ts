import { type App, createApp } from './app.ts';
import type { Config } from './config.ts';
import type { Tracing } from './ports/tracing.ts';
import { systemClock } from './system/clock.ts';
import { createLogger } from './telemetry/logger.ts';
import { openTracing } from './telemetry/open-tracing.ts';

/** Runs the broker until a signal ends the process. Rejects with a sentence for the operator when it cannot start. */
export async function serve(config: Config, version: string): Promise<void> {
  const logger = createLogger({ level: config.log.level, format: logFormat(config) });
  const guard = <Port>(_name: string, port: Port): Port => port;
  const clock = systemClock;
  const tracing = await openTracing(process.env, { logger, clock, version });
  const app = await createApp({
    config,
    logger,
    version,
    clock,
    guard,
    ...(tracing ? { tracing } : {}),
  });
  closeOnSignal(app, { config, logger, tracing });
  await app.start();
  logger.info({ addresses: app.server.addresses() }, 'broker ready');
}

function logFormat({ log }: Config): 'json' | 'pretty' {
  if (log.format !== 'auto') return log.format;
  return process.stdout.isTTY ? 'pretty' : 'json';
}

interface Closing {
  readonly config: Config;
  readonly logger: ReturnType<typeof createLogger>;
  readonly tracing: Tracing | undefined;
}

/** Both signals drain and exit 0; a drain that hangs is cut off, and sessions go on either way. */
function closeOnSignal(app: App, { config, logger, tracing }: Closing): void {
  let isClosing = false;
  const close = async (signal: NodeJS.Signals): Promise<void> => {
    if (isClosing) return;
    isClosing = true;
    logger.info({ signal }, 'shutting down; sessions go on');
    const timer = setTimeout(() => {
      logger.warn('open work did not finish in time');
      process.exit(0);
    }, config.lifecycle.shutdownTimeoutMs);
    try {
      await app.stop();
      await tracing?.close();
    } catch (error) {
      logger.error({ error }, 'shutdown failed');
    }
    clearTimeout(timer);
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void close(signal));
  process.on('SIGINT', (signal) => void close(signal));
}
