/** The broker as its own process for tests: the real composition root, with time at another pace and a crash switch. */
import { readFileSync } from 'node:fs';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { crashSwitch } from './crash-switch.ts';
import { fastClock } from './fast-clock.ts';

const { CRASH_AT = '', CLOCK_SPEED = '1', CLOCK_ORIGIN_MS = '0', ...environment } = process.env;
const result = parseConfig(environment, (path) => readFileSync(path, 'utf8'));
if (!result.ok) throw new Error(result.problems.join('; '));
const { guard } = crashSwitch(CRASH_AT);
const app = await createApp({
  config: result.config,
  logger: createLogger({ level: 'info', format: 'json' }),
  version: 'test',
  clock: fastClock(Number(CLOCK_SPEED), Number(CLOCK_ORIGIN_MS)),
  guard: (name, port) => guard(name, port),
});
process.once('SIGTERM', () => void app.stop().then(() => process.exit(0)));
await app.start();
const [address] = app.server.addresses();
const port = typeof address === 'object' ? address.port : 0;
process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
