// How the local API says no: a typed error becomes a status, a code and its message.

import { CoordinatorError } from '@starling/coordinator';
import { PeerError } from '@starling/peer';
import { type Logger, z } from '@starling/shared';
import { TrainingError } from '@starling/training';
import type { Context, ErrorHandler } from 'hono';
import { RuntimeError } from '../runtime-error.ts';

/** Bytes of one request body. */
export const API_BODY_BYTES_MAX = 64 * 1024 * 1024;

/** Turns known failures into an answer; others are logged and become 500 without their insides. */
export function answerError(logger: Logger): ErrorHandler {
  return (error, context) => {
    if (error instanceof z.ZodError) {
      const issue = error.issues[0];
      const where = issue?.path.join('.') || 'the body';
      return context.json({ code: 'invalid-request', error: `${where}: ${issue?.message}` }, 400);
    }
    const isKnown =
      error instanceof PeerError ||
      error instanceof CoordinatorError ||
      error instanceof TrainingError ||
      error instanceof RuntimeError;
    if (isKnown) {
      return context.json({ code: error.code, error: error.message }, 409);
    }
    if (error instanceof SyntaxError) {
      return context.json({ code: 'invalid-request', error: 'the body is no JSON' }, 400);
    }
    logger.error('a local request failed', { error: error.message, stack: error.stack ?? '' });
    return context.json({ code: 'internal', error: 'unexpected failure; see log.jsonl' }, 500);
  };
}

export function answerTooLarge(context: Context): Response {
  const error = `a body of more than ${API_BODY_BYTES_MAX} bytes: send fewer documents at once`;
  return context.json({ code: 'invalid-request', error }, 413);
}
