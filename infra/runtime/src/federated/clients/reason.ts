// Why a user's code failed, in one line: code or name, message, and the place in the app.

const REASON_LENGTH_MAX = 500;
const FRAME = /(?:file:\/\/)?(\/[^\s()]+?\.[mc]?[jt]s):(\d+)(?::\d+)?/g;
/** Folders of the framework and of Node; what lies there is not the user's to mend. */
const NOT_THE_APP = /\/node_modules\/|\/(shared|node|coordinator|infra)\/[a-z/-]*src\//;

/** The reason, with `file:line` unless the error has a code of its own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`.slice(0, REASON_LENGTH_MAX);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const place = placeOf(error);
  const where = code === undefined && place !== undefined ? ` (${place})` : '';
  return `${code ?? error.name}: ${error.message}${where}`.slice(0, REASON_LENGTH_MAX);
}

/** `file:line` of the first place in the stack that is the user's. */
export function placeOf(error: Error): string | undefined {
  for (const [, file = '', line] of (error.stack ?? '').matchAll(FRAME)) {
    if (!NOT_THE_APP.test(file)) return `${file}:${line}`;
  }
  return undefined;
}
