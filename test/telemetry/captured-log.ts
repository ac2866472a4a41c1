import type { Logger } from 'pino';
import { createLogger, type LogLevel } from '../../src/telemetry/logger.ts';

export interface CapturedLog {
  readonly logger: Logger;
  /** Every line so far, as written. */
  readonly text: () => string;
  readonly lines: () => readonly Readonly<Record<string, unknown>>[];
}

/** The real logger, writing to memory. */
export function captureLog(level: LogLevel = 'trace'): CapturedLog {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  return {
    logger: createLogger({ level, format: 'json', destination }),
    text: () => written.join(''),
    lines: () => written.map((line): Record<string, unknown> => JSON.parse(line)),
  };
}
