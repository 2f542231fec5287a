// Rounds of an app on a real federation: planned at its coordinator, watched until they are over. The
// sites run what their operators installed; nothing of the app is sent.

import type { CoordinatorStatus } from '@starling/coordinator';
import { LocalClient } from '../../local-api/local-client.ts';
import { RuntimeError } from '../../runtime-error.ts';
import type { AppFolder } from '../app/app-folder.ts';
import { appDigest } from './app-digest.ts';

const CHECK_MS = 250;

export type FederatedRound = CoordinatorStatus['rounds'][number];

export interface PlannedRun {
  /** Number of the first round that was planned, and of the last. */
  readonly first: number;
  readonly last: number;
}

/**
 * Plans more rounds at the coordinator that runs on `home`.
 * @throws {RuntimeError} `not-running`; `invalid-option` when its federation trains something else
 */
export async function planFederatedRun(
  home: string,
  app: AppFolder,
  rounds: number,
): Promise<PlannedRun> {
  const client = await LocalClient.open(home);
  const status = await client.coordinatorStatus();
  await assertSameApp(status, app);
  const first = status.roundsPlanned + 1;
  const last = status.roundsPlanned + rounds;
  await client.planRounds(last, Math.max(1, status.members.length));
  return { first, last };
}

/**
 * Tells every planned round once it is closed, in order.
 * @returns why the run ended before the last one; undefined when it did not
 */
export async function* watchFederatedRun(
  home: string,
  { first, last }: PlannedRun,
  signal: AbortSignal,
): AsyncGenerator<FederatedRound, string | undefined> {
  const client = await LocalClient.open(home);
  let next = first;
  while (next <= last) {
    signal.throwIfAborted();
    const { rounds, stopped } = await client.coordinatorStatus();
    for (const round of rounds) {
      if (round.round !== next || round.closedAtMs === null) continue;
      yield round;
      next += 1;
    }
    if (stopped !== null) return stopped;
    if (next <= last) await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
  }
  return undefined;
}

async function assertSameApp(status: CoordinatorStatus, app: AppFolder): Promise<void> {
  const { app: agreed, name } = status;
  if (agreed === null) {
    const message = `"${name}" trains the encoder: found one for the app by "starling init --coordinator … --app ${app.folder}"`;
    throw new RuntimeError('invalid-option', message);
  }
  const digest = await appDigest(app.folder);
  if (digest === agreed.digest) return;
  const message =
    `"${name}" agreed on other files of the app "${agreed.name}" (${agreed.digest.slice(0, 16)}) ` +
    `than those in ${app.folder} (${digest.slice(0, 16)})`;
  throw new RuntimeError('invalid-option', message);
}
