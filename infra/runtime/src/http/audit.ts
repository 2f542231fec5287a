// Who did what from another machine, one line of the log each.

import type { LogFields, Logger } from '@starling/shared';
import type { Context } from 'hono';
import type { TokenRecord } from './access/token-file.ts';

/** Characters of one field. */
const FIELD_MAX = 200;

/** @param refused why nothing was done; undefined when it was */
export function audit(
  logger: Logger,
  { req }: Context,
  { name, role }: Pick<TokenRecord, 'name' | 'role'>,
  asked: unknown,
  refused: unknown,
): void {
  const outcome = refused === undefined ? 'done' : `refused: ${wordsOf(refused)}`;
  logger.info('an operator asked', {
    ...fieldsOf(asked),
    ...{ method: req.method, outcome, path: req.path, role, token: name },
  });
}

/** Requests hold no secrets; answers, which do, are not written. */
function fieldsOf(asked: unknown): LogFields {
  if (typeof asked !== 'object' || asked === null) return {};
  const fields = Object.entries(asked).map(([key, value]) => [
    `asked.${key}`,
    typeof value === 'number' ? value : String(value).slice(0, FIELD_MAX),
  ]);
  return Object.fromEntries(fields);
}

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, FIELD_MAX);
}
