// Passphrases come from a file or from the environment, never from the command line, which every
// process of the machine can read.

import { readFile } from 'node:fs/promises';
import { RuntimeError } from '@starling/runtime';
import { Option } from 'commander';

const VARIABLE = 'STARLING_PASSPHRASE';
/** Longest passphrase file that is read. */
const FILE_BYTES_MAX = 4096;

export function passphraseOption(): Option {
  return new Option(
    '--passphrase-file <file>',
    `file with the passphrase of the keys; else ${VARIABLE}, when it is set`,
  );
}

/**
 * Calls `use` with the passphrase of the file, else that of the environment, undefined when neither
 * is given; erases it afterwards.
 * @throws {RuntimeError} `invalid-option` for a file that cannot be read or is empty
 */
export async function withPassphrase<T>(
  file: string | undefined,
  use: (passphrase: Uint8Array | undefined) => Promise<T>,
): Promise<T> {
  const passphrase = file === undefined ? passphraseOfEnvironment() : await passphraseOf(file);
  try {
    return await use(passphrase);
  } finally {
    passphrase?.fill(0);
  }
}

function passphraseOfEnvironment(): Uint8Array | undefined {
  const value = process.env[VARIABLE];
  return value === undefined || value === '' ? undefined : new TextEncoder().encode(value);
}

/** The file's bytes without the line's end that editors and `echo` leave. */
async function passphraseOf(file: string): Promise<Uint8Array> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError('invalid-option', `--passphrase-file cannot be read (${detail})`, {
      cause,
    });
  }
  try {
    if (bytes.byteLength > FILE_BYTES_MAX) {
      const message = `${file} has more than ${FILE_BYTES_MAX} bytes: it holds no passphrase`;
      throw new RuntimeError('invalid-option', message);
    }
    let end = bytes.byteLength;
    if (bytes[end - 1] === 0x0a) end--;
    if (bytes[end - 1] === 0x0d) end--;
    if (end <= 0)
      throw new RuntimeError('invalid-option', `${file} is empty: write a passphrase in it`);
    return new Uint8Array(bytes.subarray(0, end));
  } finally {
    bytes.fill(0);
  }
}
