// The tokens of a folder as a running coordinator knows them: read again when the file changed, so
// that a revocation is in force with the next request.

import { timingSafeEqual } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readTokens, TOKEN_FILE, type TokenRecord, tokenDigest } from './token-file.ts';

export class KnownTokens {
  readonly #home: string;
  #mark = '';
  #tokens: readonly TokenRecord[] = [];

  constructor(home: string) {
    this.#home = home;
  }

  /** The record of a token, expired or not. @throws {RuntimeError} `invalid-config` */
  async find(text: string): Promise<TokenRecord | undefined> {
    await this.#refresh();
    const given = Buffer.from(tokenDigest(text), 'hex');
    let found: TokenRecord | undefined;
    // All are compared, whichever it is.
    for (const record of this.#tokens) {
      if (timingSafeEqual(given, Buffer.from(record.digest, 'hex'))) found = record;
    }
    return found;
  }

  async #refresh(): Promise<void> {
    const mark = await stat(join(this.#home, TOKEN_FILE)).then(
      ({ ctimeMs, ino, size }) => `${ino}/${size}/${ctimeMs}`,
      () => 'none',
    );
    if (mark === this.#mark) return;
    this.#tokens = await readTokens(this.#home);
    this.#mark = mark;
  }
}
