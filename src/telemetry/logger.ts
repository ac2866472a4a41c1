import { createRequire } from 'node:module';
import {
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
  stdTimeFunctions,
} from 'pino';
import { errorFields } from './error-fields.ts';
import { withoutSecrets } from './secret-text.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogOptions {
  readonly level: LogLevel;
  /** `pretty` is for people at a terminal: it goes to standard output and is JSON where `pino-pretty` is not installed. */
  readonly format: 'json' | 'pretty';
  /** Where JSON lines go; standard output when not given. */
  readonly destination?: DestinationStream;
}

/** Fields that hold a secret wherever they turn up, at the top of a line or one level down. */
const SECRET_FIELDS = [
  'privateKey',
  'private_key',
  'ssh_private_key',
  'sealedPrivateKey',
  'secretsKey',
  'apiKey',
  'api_key',
  'apiToken',
  'api_token',
  'authId',
  'agent_token',
  'token',
  'tokens',
  'authorization',
  'cookie',
  'password',
];

/** One JSON object a line, ISO time, levels by name; what looks like a secret is cut out whoever logs it. */
export function createLogger({ level, format, destination }: LogOptions): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: cleanTexts },
    serializers: { err: errorFields, error: errorFields },
    redact: {
      paths: [
        ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        'req.headers.authorization',
        'req.headers.cookie',
      ],
      censor: '[redacted]',
    },
  };
  if (format === 'pretty' && isInstalled('pino-pretty')) return pino(options, prettyOutput());
  return destination ? pino(options, destination) : pino(options);
}

function cleanTexts(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutSecrets(value) : value,
    ]),
  );
}

function prettyOutput(): DestinationStream {
  return pino.transport({
    target: 'pino-pretty',
    options: { translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' },
  });
}

function isInstalled(library: string): boolean {
  try {
    createRequire(import.meta.url).resolve(library);
    return true;
  } catch {
    return false;
  }
}
