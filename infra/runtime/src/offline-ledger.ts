// The ledger of a coordinator that may or may not run: asked when it does, read when it does not.

import { openEventLog } from './coordinator-log.ts';
import { type LedgerView, viewLedger } from './ledger-view.ts';
import { LocalClient } from './local-api/local-client.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';

/** @throws {RuntimeError} `not-a-site` when the folder is no coordinator's */
export async function readLedger(home: string): Promise<LedgerView> {
  const config = await readConfig(home);
  if (config.role !== 'coordinator') {
    const message = `${home} is a peer's folder: the ledger lies with the coordinator`;
    throw new RuntimeError('not-a-site', message);
  }
  const running = await LocalClient.open(home).catch(() => undefined);
  if (running !== undefined) {
    const answered = await running.ledger().catch((error: unknown) => {
      if (error instanceof RuntimeError && error.code === 'not-running') return undefined;
      throw error;
    });
    if (answered !== undefined) return answered;
  }
  const eventLog = await openEventLog(home);
  try {
    return await viewLedger(eventLog);
  } finally {
    await eventLog.stop();
  }
}
