// An invitation as text, so that it survives mail and chat.

import { readFile } from 'node:fs/promises';
import { RuntimeError } from '@starling/runtime';

const HEADER = 'starling-invitation-v1:';

export function invitationText(bytes: Uint8Array): string {
  return `${HEADER}${Buffer.from(bytes).toString('base64url')}\n`;
}

/** @throws {RuntimeError} `invalid-option` */
export async function readInvitation(file: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} cannot be read (${detail}): name the file that "starling invite" wrote`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
  if (!text.startsWith(HEADER)) {
    const message = `${file} is no invitation: make one with "starling invite <site> --out FILE"`;
    throw new RuntimeError('invalid-option', message);
  }
  return new Uint8Array(Buffer.from(text.slice(HEADER.length), 'base64url'));
}
