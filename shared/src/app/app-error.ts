/** Every way an app can fail that is not the engine's or a strategy's. */
export const APP_ERROR_CODES = [
  'no-client',
  'no-handler',
  'invalid-reply',
  'invalid-options',
  'invalid-config',
  'invalid-app',
  'no-answers',
  'aborted',
] as const;

export type AppErrorCode = (typeof APP_ERROR_CODES)[number];

/** A failure of an app; `code` is stable, the message says what, where and what was expected. */
export class AppError extends Error {
  readonly code: AppErrorCode;

  constructor(code: AppErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}
