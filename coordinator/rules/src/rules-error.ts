// A failing world as the rules see it; hostile input is a verdict instead.

export type RulesErrorCode =
  | 'corrupt-log'
  | 'newer-log'
  | 'impossible-event'
  | 'invalid-options'
  | 'no-updates'
  | 'too-few-nodes'
  | 'too-few-replies'
  | 'unknown-strategy'
  | 'needs-updates'
  | 'diverged';

export class RulesError extends Error {
  override readonly name = 'RulesError';
  readonly code: RulesErrorCode;

  constructor(code: RulesErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
