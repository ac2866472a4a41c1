import { parseArgs } from 'node:util';
import { DEFAULT_CREDENTIALS } from './market.ts';
import type { SimCredentials } from './model.ts';

/** What the simulator's process is told; a flag goes before its environment variable. */
export interface MainOptions {
  /** `--port`, `SIM_PORT`; 0 lets the system pick. */
  readonly port: number;
  /** `--seed`, `SIM_SEED`: the same seed draws the same market. */
  readonly seed: string;
  /** `--boot-scale`, `SIM_BOOT_SCALE`: 1 is real time, 0.05 boots in seconds. */
  readonly bootScale: number;
  /** `--bad-share`, `SIM_BAD_SHARE`: 0 to 1 of the hosts misbehave. */
  readonly badShare: number;
  /** `--foreign`, `SIM_FOREIGN`: other people's instances in the accounts. */
  readonly foreign: number;
  /** `--latency-ms`, `SIM_LATENCY_MS`: the longest way there and back of a call. */
  readonly latencyMs: number;
  /** `--speed`, `SIM_SPEED`: how fast the market's time runs; 1 is real time. */
  readonly speed: number;
  /** `--origin-ms`, `SIM_ORIGIN_MS`: when the market's time and the machine's agree; matters with a speed. */
  readonly originMs: number;
  /** `SIM_RATE_LIMITS=off`: no façade ever answers 429. */
  readonly rateLimits: boolean;
  /** `SIM_VAST_KEY`, `SIM_TENSORDOCK_TOKEN`, `SIM_TENSORDOCK_AUTH_ID`. */
  readonly credentials: SimCredentials;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Throws with every problem at once. */
export function readMainOptions(args: readonly string[], env: Env): MainOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const problems: string[] = [];
  const number = (name: NumberFlag, limits: Limits): number => {
    const variable = `SIM_${name.toUpperCase().replaceAll('-', '_')}`;
    const text = values[name] ?? env[variable];
    const value = text === undefined ? limits.usual : Number(text);
    const isGood = value >= limits.low && value <= limits.high;
    if (!isGood)
      problems.push(`${name} (${variable}) must be from ${limits.low} to ${limits.high}`);
    return value;
  };
  const options = {
    port: number('port', { usual: 9400, low: 0, high: 65_535 }),
    seed: values.seed ?? env['SIM_SEED'] ?? '1',
    bootScale: number('boot-scale', { usual: 0.05, low: 0, high: 100 }),
    badShare: number('bad-share', { usual: 0, low: 0, high: 1 }),
    foreign: number('foreign', { usual: 3, low: 0, high: 50 }),
    latencyMs: number('latency-ms', { usual: 50, low: 0, high: 60_000 }),
    speed: number('speed', { usual: 1, low: 0.01, high: 1_000 }),
    originMs: number('origin-ms', { usual: 0, low: 0, high: Number.MAX_SAFE_INTEGER }),
    rateLimits: env['SIM_RATE_LIMITS'] !== 'off',
    credentials: readCredentials(env),
  };
  if (problems.length > 0) throw new Error(problems.join('; '));
  return options;
}

const FLAGS = {
  port: { type: 'string' },
  seed: { type: 'string' },
  'boot-scale': { type: 'string' },
  'bad-share': { type: 'string' },
  foreign: { type: 'string' },
  'latency-ms': { type: 'string' },
  speed: { type: 'string' },
  'origin-ms': { type: 'string' },
} as const;
type NumberFlag = Exclude<keyof typeof FLAGS, 'seed'>;

interface Limits {
  readonly usual: number;
  readonly low: number;
  readonly high: number;
}

function readCredentials(env: Env): SimCredentials {
  return {
    vastKey: env['SIM_VAST_KEY'] ?? DEFAULT_CREDENTIALS.vastKey,
    tensordockToken: env['SIM_TENSORDOCK_TOKEN'] ?? DEFAULT_CREDENTIALS.tensordockToken,
    tensordockAuthId: env['SIM_TENSORDOCK_AUTH_ID'] ?? DEFAULT_CREDENTIALS.tensordockAuthId,
  };
}
