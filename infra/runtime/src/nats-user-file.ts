// The nkey by which NATS servers know a coordinator, in a file that only its owner reads.

import { createNatsUser } from '@starling/adapters';
import { RuntimeError } from './runtime-error.ts';
import { writeSecretFile } from './secret-path.ts';

/**
 * Makes a fresh nkey and writes its seed to a new file, for `log.nkeyFile`.
 * @returns what the servers list as `nkey` of a user; nothing of it is secret
 * @throws {RuntimeError} `invalid-option` when the file exists or cannot be written
 */
export async function makeNatsUser(file: string): Promise<string> {
  const { publicKey, seed } = createNatsUser();
  try {
    await writeSecretFile(file, `${seed}\n`);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} cannot be written (${detail}): name a new file`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
  return publicKey;
}
