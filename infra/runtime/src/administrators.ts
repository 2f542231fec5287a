// Administrators of a federation that is to be founded, from the public records of their keys.

import { readFile } from 'node:fs/promises';
import { memberIdOf } from '@starling/crypto';
import { type KeyHolder, memberIdSchema, SIGNATURE_SUITE, z } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';

/** Of a record, what a genesis names; the rest is for people. */
const recordSchema = z.object({
  member: memberIdSchema,
  publicKey: z.base64url(),
  suite: z.literal(SIGNATURE_SUITE),
});

/**
 * Reads what `starling keys export --public` printed.
 * @throws {RuntimeError} `invalid-option` naming the file
 */
export async function readAdministrator(file: string): Promise<KeyHolder> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const publicKey = new Uint8Array(Buffer.from(record.publicKey, 'base64url'));
    if (memberIdOf(publicKey) !== record.member) {
      throw new TypeError('the key does not give its member id');
    }
    return { member: record.member, publicKey };
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const how = 'name what "starling keys export --public" printed';
    const message = `${file} is no public record of a key (${detail}): ${how}`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}
