// Files that a command writes at its end are opened before its work, not after it.

import { open } from 'node:fs/promises';
import { RuntimeError } from '@starling/runtime';

/**
 * @param option such as `--json`
 * @throws {RuntimeError} `invalid-option` when the file cannot be written
 */
export async function checkWritable(option: string, file: string): Promise<void> {
  try {
    await (await open(file, 'a')).close();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${option} ${file} cannot be written (${detail}): name a file in a folder that exists`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}
