// The first line of a backup, readable without its passphrase: whose it is and from when, and the key
// of the rest, locked. The frames are bound to it.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { memberIdSchema, z } from '@starling/shared';
import { RuntimeError } from '../runtime-error.ts';

export const BACKUP_NAMES = Object.freeze({ kind: 'site-backup', suite: 'aes-256-gcm' });
export const HEADER_BYTES_MAX = 16_384;

const headerSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal(BACKUP_NAMES.kind),
  role: z.enum(['peer', 'coordinator']),
  name: z.string().max(80),
  member: memberIdSchema,
  createdAtMs: z.int().min(0),
  /** A secret file with the key of the frames. */
  key: z.record(z.string(), z.unknown()),
});

export type BackupHeader = z.infer<typeof headerSchema>;

/** The line with its end, as it stands in the file. */
export function headerLine(header: BackupHeader): Uint8Array {
  return Buffer.from(`${JSON.stringify(header)}\n`);
}

/** @throws {RuntimeError} `invalid-option` for a file that is no backup */
export async function readBackupHeader(
  file: string,
): Promise<{ readonly header: BackupHeader; readonly line: Uint8Array }> {
  const input = createReadStream(file, { end: HEADER_BYTES_MAX });
  const lines = createInterface({ input });
  try {
    for await (const text of lines) {
      return { header: headerSchema.parse(JSON.parse(text)), line: Buffer.from(`${text}\n`) };
    }
    throw new TypeError('it is empty');
  } catch (cause) {
    const detail =
      cause instanceof SyntaxError ? 'it is not what "starling backup" writes' : describe(cause);
    throw new RuntimeError('invalid-option', `${file} is no backup (${detail})`, { cause });
  } finally {
    lines.close();
    input.destroy();
  }
}

function describe(cause: unknown): string {
  if (cause instanceof z.ZodError) return 'it is not what "starling backup" writes';
  return cause instanceof Error ? cause.message : String(cause);
}
