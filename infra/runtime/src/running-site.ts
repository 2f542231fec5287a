// A question for a site that must run: what is no site, and what does not run, are told apart.

import { LocalClient } from './local-api/local-client.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';

/**
 * Reaches the process that runs on a site's folder.
 * @throws {RuntimeError} `not-a-site` when the folder is none or a coordinator's, `invalid-config`,
 *   `not-running`
 */
export async function openRunningSite(home: string): Promise<LocalClient> {
  const config = await readConfig(home);
  if (config.role !== 'peer') {
    const message = `${home} is a coordinator's folder: sites hold the chain, ask one of them`;
    throw new RuntimeError('not-a-site', message);
  }
  return LocalClient.open(home);
}
