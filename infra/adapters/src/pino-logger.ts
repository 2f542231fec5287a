// Logger over pino: one JSON object per line, to stderr or a file. Fields are primitives by type,
// so there is nothing to redact.

import type { LogFields, Logger } from '@starling/shared';
import { destination, type Logger as Pino, pino, stdTimeFunctions } from 'pino';
import { LogFile } from './log-file.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface PinoLoggerOptions {
  readonly level?: LogLevel;
  /** Appended to; stderr when it is absent. */
  readonly file?: string;
  /** On every line, for instance the site's name. */
  readonly fields?: LogFields;
  /** Asked for each line; what the line says itself goes before. */
  readonly changing?: () => LogFields;
}

/**
 * A logger that writes each line before it returns, so that a crash loses none.
 * @throws {Error} when the file cannot be opened
 */
export function createPinoLogger(options: PinoLoggerOptions = {}): Logger {
  const { changing } = options;
  const target =
    options.file === undefined ? destination({ dest: 2, sync: true }) : new LogFile(options.file);
  const root = pino(
    {
      level: options.level ?? 'info',
      base: { ...options.fields },
      timestamp: stdTimeFunctions.isoTime,
      ...(changing && { mixin: () => ({ ...changing() }) }),
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
  return new PinoLogger(root);
}

class PinoLogger implements Logger {
  readonly #pino: Pino;

  constructor(logger: Pino) {
    this.#pino = logger;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#pino.debug(fields, message);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#pino.info(fields, message);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#pino.warn(fields, message);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(fields, message);
  }

  with(fields: LogFields): Logger {
    return new PinoLogger(this.#pino.child({ ...fields }));
  }
}
