// How the local API says no: a typed error becomes a status, a code and its message.

import { CoordinatorError } from '@starling/coordinator';
import { PeerError } from '@starling/peer';
import type { Context } from 'hono';
import { z } from '@starling/shared';

/** Bytes of one request body. */
export const API_BODY_BYTES_MAX = 64 * 1024 * 1024;

/** Turns known failures into an answer; others become 500 without their insides. */
export function answerError(error: Error, context: Context): Response {
  if (error instanceof z.ZodError) {
    const issue = error.issues[0];
    const where = issue?.path.join('.') ?? '';
    return context.json({ code: 'invalid-request', error: `${where}: ${issue?.message}` }, 400);
  }
  if (error instanceof PeerError || error instanceof CoordinatorError) {
    return context.json({ code: error.code, error: error.message }, 409);
  }
  if (error instanceof SyntaxError) {
    return context.json({ code: 'invalid-request', error: 'the body is no JSON' }, 400);
  }
  return context.json({ code: 'internal', error: 'unexpected failure; see the log' }, 500);
}
