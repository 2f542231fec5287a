// The privacy limit of a site in its config.json: the one place where it stands.

import type { PrivacyLimit } from '@starling/peer';
import type { z } from '@starling/shared';
import { RuntimeError } from './runtime-error.ts';
import { privacyLimitSchema, readConfig, writeConfig } from './site-config.ts';

/** What is left out stays as it is. */
export const privacyChangeSchema = privacyLimitSchema
  .partial()
  .refine((change) => Object.keys(change).length > 0, {
    error: 'nothing to change: name epsilonMax, delta or unit',
  });
export type PrivacyChange = z.infer<typeof privacyChangeSchema>;

/**
 * Writes the limit; a running site has to be told.
 * @throws {RuntimeError} `not-a-site`, `invalid-config`
 */
export async function changePrivacyLimit(
  home: string,
  change: PrivacyChange,
): Promise<PrivacyLimit> {
  const config = await readConfig(home);
  if (config.role !== 'peer') {
    const message = `${home} is a coordinator's folder: privacy is a site's to limit`;
    throw new RuntimeError('not-a-site', message);
  }
  const written = await writeConfig(home, { ...config, privacy: { ...config.privacy, ...change } });
  return written.role === 'peer' ? written.privacy : config.privacy;
}
