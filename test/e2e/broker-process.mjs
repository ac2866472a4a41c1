/**
 * The broker as its own process for tests: the real composition root, with time at another pace, a switch that ends the
 * process, as `kill -9` does, at one exact call, and a signal, SIGUSR2, that sets its clock forward by an hour. It is
 * bundled as the programs are, so that each of the many processes starts without a compiler.
 */
import { readFileSync } from 'node:fs';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config.ts';
import { systemClock } from '../../src/system/clock.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

const { CRASH_AT = '', CLOCK_SPEED = '1', CLOCK_ORIGIN_MS = '0', ...environment } = process.env;
const result = parseConfig(environment, (path) => readFileSync(path, 'utf8'));
if (!result.ok) throw new Error(result.problems.join('; '));
const app = await createApp({
  config: result.config,
  logger: createLogger({ level: 'info', format: 'json' }),
  version: 'test',
  clock: fastClock(Number(CLOCK_SPEED), Number(CLOCK_ORIGIN_MS)),
  guard: crashSwitch(CRASH_AT),
});
process.once('SIGTERM', () => void app.stop().then(() => process.exit(0)));
await app.start();
const [address] = app.server.addresses();
process.stdout.write(`${JSON.stringify({ ready: true, port: address.port })}\n`);

/** Minutes of waiting fit into a test of real processes. Speed and origin are shared with the simulator. */
function fastClock(speed, originMs) {
  let setForwardMs = 0;
  process.on('SIGUSR2', () => {
    setForwardMs += 3_600_000;
  });
  return {
    now: () => originMs + Math.floor((systemClock.now() - originMs) * speed) + setForwardMs,
    monotonicMs: () => systemClock.monotonicMs() * speed,
    after: (delayMs, callback) => systemClock.after(delayMs / speed, callback),
  };
}

/**
 * `provider.launch:after:1` kills this process when the first call of `provider.launch` has taken effect and before
 * anybody hears of it; `before` is the moment before the call is made. An empty text kills nothing.
 */
function crashSwitch(at) {
  const [call, moment, occurrence = '1'] = at.split(':');
  const calls = new Map();
  return (prefix, port) =>
    new Proxy(port, {
      get: (target, property, receiver) => {
        const value = Reflect.get(target, property, receiver);
        if (typeof value !== 'function') return value;
        const name = `${prefix}.${String(property)}`;
        return async (...args) => {
          calls.set(name, (calls.get(name) ?? 0) + 1);
          const isTheCall = name === call && calls.get(name) === Number(occurrence);
          if (isTheCall && moment === 'before') await die();
          const answer = await Reflect.apply(value, target, args);
          if (isTheCall && moment === 'after') await die();
          return answer;
        };
      },
    });
}

/** Nothing that comes after runs: the signal may take a moment to arrive. */
function die() {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}
