// A finished round verified on a coordinator's or a site's folder: by its process where one runs.

import { join } from 'node:path';
import { PayloadFolder } from '@starling/adapters';
import { PayloadError } from '@starling/shared';
import { openEventLog } from './coordinator-log.ts';
import { LocalClient } from './local-api/local-client.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';
import { type RoundVerification, verifyFromLog } from './verify-from-log.ts';

/**
 * Verifies a round.
 * @throws {RuntimeError} `request-refused` when the round made no version, or its vectors are not
 *   kept any more; `not-running` for a site whose process does not run
 */
export async function verifyStoredRound(home: string, round: number): Promise<RoundVerification> {
  const config = await readConfig(home);
  const running = await LocalClient.open(home).catch(() => undefined);
  if (running !== undefined) {
    const answered = await running.verifyRound(round).catch((error: unknown) => {
      if (error instanceof RuntimeError && error.code === 'not-running') return undefined;
      throw error;
    });
    if (answered !== undefined) return answered;
  }
  if (config.role === 'peer') {
    const message = `nothing runs on ${home}: a site asks others for the vectors, so start it first`;
    throw new RuntimeError('not-running', message);
  }
  const eventLog = await openEventLog(home);
  try {
    const folder = new PayloadFolder(join(home, 'payloads'));
    return await verifyFromLog(eventLog, round, async (ref) => {
      const bytes = await folder.read(ref);
      if (bytes !== undefined) return bytes;
      throw new PayloadError('unavailable', `payload ${ref.root} is not here`);
    });
  } finally {
    await eventLog.stop();
  }
}
