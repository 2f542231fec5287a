// The privacy budget of a site that may or may not run: asked when it does, read when it does not.

import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { MemoryPeerStore, openSqlitePeerStore, PEER_STORE_FILE } from '@starling/adapters';
import { PrivacyBudget, type PrivacySummary } from '@starling/peer';
import { LocalClient } from './local-api/local-client.ts';
import { changePrivacyLimit, type PrivacyChange } from './privacy-limit-file.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';

/** @throws {RuntimeError} `not-a-site` when the folder is no site's */
export async function readPrivacy(home: string): Promise<PrivacySummary> {
  return (await askRunning(home, (client) => client.privacy())) ?? summaryOf(home);
}

/**
 * Sets what is named of the limit; a running site keeps to it from the next round on.
 * @throws {RuntimeError} `not-a-site`, `invalid-config`
 */
export async function limitPrivacy(home: string, change: PrivacyChange): Promise<PrivacySummary> {
  const told = await askRunning(home, (client) => client.limitPrivacy(change));
  if (told !== undefined) return told;
  await changePrivacyLimit(home, change);
  return summaryOf(home);
}

/** Undefined when no process serves the folder. */
async function askRunning<T>(
  home: string,
  ask: (client: LocalClient) => Promise<T>,
): Promise<T | undefined> {
  const client = await LocalClient.open(home).catch(() => undefined);
  return client === undefined
    ? undefined
    : ask(client).catch((error: unknown) => {
        if (error instanceof RuntimeError && error.code === 'not-running') return undefined;
        throw error;
      });
}

async function summaryOf(home: string): Promise<PrivacySummary> {
  const config = await readConfig(home);
  if (config.role !== 'peer') {
    const message = `${home} is a coordinator's folder: a privacy budget lies with a site`;
    throw new RuntimeError('not-a-site', message);
  }
  // Opening a store creates it, and a site that has not joined yet has none.
  const isThere = await access(join(home, PEER_STORE_FILE)).then(
    () => true,
    () => false,
  );
  const store = isThere ? openSqlitePeerStore(home) : new MemoryPeerStore();
  try {
    return (await PrivacyBudget.open(store, config.privacy)).summary();
  } finally {
    await store.stop();
  }
}
