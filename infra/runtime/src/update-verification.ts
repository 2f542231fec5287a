// A site's own updates trained again on its folder: by its process where one runs, else right here.

import { join } from 'node:path';
import { openSqlitePeerStore, PayloadFolder } from '@starling/adapters';
import { Collection, KeptTrainings, type UpdateVerification, verifyUpdate } from '@starling/peer';
import { type Digest, digestSchema, PayloadError, type PeerStore } from '@starling/shared';
import { createWorkerTrainer } from '@starling/training';
import { LocalClient } from './local-api/local-client.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';
import { assertPeer, loadMembership } from './stored-membership.ts';
import { listTrainings, type TrainingSummary } from './training-summary.ts';

export interface UpdateQuestion {
  /** The commitment that others hold of this site; the site's own record when absent. */
  readonly expected?: string | undefined;
  readonly signal: AbortSignal;
}

/** The kept rounds of a site, oldest first. @throws {RuntimeError} as {@link verifyStoredUpdate} */
export async function listStoredTrainings(home: string): Promise<TrainingSummary[]> {
  return answered(
    home,
    (running) => running.trainings(),
    async (store) => listTrainings(await (await KeptTrainings.open(store)).all()),
  );
}

/**
 * Trains a site's update of a round again.
 * @throws {RuntimeError} `not-a-site`, `invalid-option`, `request-refused`
 * @throws {PeerError} `not-a-member`, `unknown-round`, `training-data-gone`, `model-unavailable`
 */
export async function verifyStoredUpdate(
  home: string,
  round: number,
  { expected, signal }: UpdateQuestion,
): Promise<UpdateVerification> {
  const digest = expected === undefined ? undefined : parseCommitment(expected);
  return answered(
    home,
    (running) => running.verifyUpdate(round, digest),
    async (store) => {
      const { task } = (await loadMembership(store, home)).genesis;
      await using opened = new AsyncDisposableStack();
      const trainer = opened.adopt(createWorkerTrainer(), (it) => it.stop());
      const folder = new PayloadFolder(join(home, 'payloads'));
      const parts = {
        collection: await Collection.open(store, task.encoder.buckets, task.seed),
        kept: await KeptTrainings.open(store),
        task,
        trainer,
        fetch: async (ref: Parameters<PayloadFolder['read']>[0]) => {
          const bytes = await folder.read(ref);
          if (bytes !== undefined) return bytes;
          throw new PayloadError('unavailable', `payload ${ref.root} is not here`);
        },
      };
      return await verifyUpdate(round, digest, parts, signal);
    },
  );
}

function parseCommitment(text: string): Digest {
  const parsed = digestSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  const message = `--commitment "${text}" is none: it has 64 lower-case hexadecimal digits`;
  throw new RuntimeError('invalid-option', message);
}

/** Asks the process that runs on a site's folder, or opens its store when none does. */
async function answered<T>(
  home: string,
  ask: (running: LocalClient) => Promise<T>,
  open: (store: PeerStore) => Promise<T>,
): Promise<T> {
  assertPeer(home, await readConfig(home));
  const running = await LocalClient.open(home).catch(() => undefined);
  if (running !== undefined) {
    try {
      return await ask(running);
    } catch (error) {
      if (!(error instanceof RuntimeError && error.code === 'not-running')) throw error;
    }
  }
  const store = openSqlitePeerStore(home);
  try {
    return await open(store);
  } finally {
    await store.stop();
  }
}
