import {
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
  stdTimeFunctions,
} from 'pino';
import pretty from 'pino-pretty';
import { errorFields } from './error-fields.ts';
import { withoutSecrets } from './secret-text.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** `pretty` is for people at a terminal. */
  readonly format: 'json' | 'pretty';
  /** Where lines go; standard output when not given. */
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
  const output = destination ?? standardOutput();
  return pino(options, format === 'pretty' ? prettyLines(output) : output);
}

/** Written before the call returns, so that the last words of a process that exits are not lost. */
function standardOutput(): DestinationStream {
  return pino.destination({ dest: 1, sync: true });
}

function prettyLines(output: DestinationStream): DestinationStream {
  const render = pretty.prettyFactory({ translateTime: 'SYS:HH:MM:ss.l' });
  return { write: (line) => output.write(render(line)) };
}

function cleanTexts(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutSecrets(value) : value,
    ]),
  );
}
