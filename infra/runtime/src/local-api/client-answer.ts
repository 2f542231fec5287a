// What a local process answered, or that none did.

import { RuntimeError } from '../runtime-error.ts';

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function errorOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  return typeof answer.error === 'string' ? answer.error : undefined;
}

export function notRunning(home: string, cause?: unknown): RuntimeError {
  const message = `nothing runs on ${home}: start it with "starling peer start" or "starling coordinator start"`;
  return new RuntimeError('not-running', message, { cause });
}
