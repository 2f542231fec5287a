// What a script learns from the command's end. The table stands in the room's README.

import { RuntimeError, type RuntimeErrorCode } from '@starling/runtime';
import { AppError, type AppErrorCode } from '@starling/shared';

export const EXIT = Object.freeze({
  ok: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  processDied: 4,
  checksFailed: 5,
  runFailed: 6,
  interrupted: 130,
  terminated: 143,
});

const RUNTIME_CODES: Readonly<Record<RuntimeErrorCode, number>> = Object.freeze({
  'invalid-config': EXIT.usage,
  'invalid-corpus': EXIT.usage,
  'invalid-option': EXIT.usage,
  'folder-exists': EXIT.usage,
  'not-a-site': EXIT.usage,
  'not-an-index': EXIT.usage,
  'damaged-index': EXIT.checksFailed,
  'nothing-to-resume': EXIT.usage,
  'no-such-run': EXIT.usage,
  'unsafe-key-file': EXIT.refused,
  'locked-key-file': EXIT.refused,
  'wrong-passphrase': EXIT.refused,
  'not-running': EXIT.refused,
  'already-running': EXIT.refused,
  'request-refused': EXIT.refused,
  'child-died': EXIT.processDied,
  timeout: EXIT.processDied,
});

const APP_CODES: Readonly<Record<AppErrorCode, number>> = Object.freeze({
  'no-client': EXIT.usage,
  'no-handler': EXIT.usage,
  'invalid-reply': EXIT.runFailed,
  'invalid-options': EXIT.usage,
  'invalid-config': EXIT.usage,
  'invalid-app': EXIT.usage,
  'no-answers': EXIT.runFailed,
  aborted: EXIT.interrupted,
});

/** Of the rules' room: a strategy that does not exist or does not fit the nodes. */
const RULES_OF_USE: ReadonlySet<string> = new Set(['unknown-strategy', 'too-few-nodes']);

/** The exit code of a run of an app that failed with such a code. */
export function exitCodeOfRun(code: string): number {
  if (RULES_OF_USE.has(code)) return EXIT.usage;
  if (code === 'child-died') return EXIT.processDied;
  return Object.hasOwn(APP_CODES, code) ? APP_CODES[code as AppErrorCode] : EXIT.runFailed;
}

/** The same for people; `starling --help` ends with it. */
export const EXIT_CODES_HELP = `Exit codes:
  ${EXIT.ok}    done
  ${EXIT.unexpected}    a fault of starling itself, with a stack trace
  ${EXIT.usage}    wrong option, config, corpus, folder or app: correct it and run it again
  ${EXIT.refused}    refused: not running, in use, not joined, not reachable, unsafe or locked key
  ${EXIT.processDied}    a process of the run died or did not answer in time
  ${EXIT.checksFailed}    "doctor", "index" or a "verify" found something wrong
  ${EXIT.runFailed}    a run of an app failed; its log says why
  ${EXIT.interrupted}  stopped by Ctrl-C
  ${EXIT.terminated}  stopped by SIGTERM, or because its launcher ended`;

/** The exit code of a failure: typed errors of any room are refusals, others are unexpected. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof RuntimeError) return RUNTIME_CODES[error.code];
  if (error instanceof AppError) return APP_CODES[error.code];
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) {
    return EXIT.unexpected;
  }
  // Node's own ERR_… codes stand for faults of the program.
  return error.code.startsWith('ERR_') ? EXIT.unexpected : EXIT.refused;
}
