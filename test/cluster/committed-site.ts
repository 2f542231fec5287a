// Sites that trained and what their commitments say, for tests that train again.

import { Buffer } from 'node:buffer';
import { currentSessions } from '@starling/rules';
import type { Digest } from '@starling/shared';
import {
  createSparseTrainer,
  type EncoderTrainer,
  type EngineName,
  type FitResult,
} from '@starling/training';
import type { ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { type ClusterOptions, MemoryCluster } from './memory-cluster.ts';

/** A finished run of `rounds` rounds; every site knows all of it. */
export async function trainedCluster(
  t: ExecutionContext,
  rounds: number,
  options: Partial<ClusterOptions> = {},
): Promise<{ readonly cluster: MemoryCluster; readonly site: ClusterSite }> {
  const cluster = await MemoryCluster.start(t, options);
  await cluster.coordinator.planRounds(rounds, cluster.sites.length);
  await cluster.untilFinished();
  const [site] = cluster.sites;
  if (site === undefined) throw new Error('a cluster has sites');
  return { cluster, site };
}

/** What the site's signed message of the last round carried, by the coordinator's log. */
export function signedCommitment(cluster: MemoryCluster, site: ClusterSite): Digest | undefined {
  const { round } = cluster.replay();
  const { member } = site.identity;
  const plain = round?.updates.get(member)?.body.commitment;
  if (plain !== undefined || round === undefined) return plain;
  return currentSessions(round)[0]?.state.masked.get(member)?.body.commitment;
}

/** The built-in trainer under another engine's name, whose results `change` moves. */
export function alteredTrainer(
  change: (parameters: Float32Array, fit: number) => void,
  engine: EngineName = 'built-in',
): () => EncoderTrainer {
  let fits = 0;
  return () => {
    const trainer = createSparseTrainer('built-in');
    return {
      engine: (shape) => ({ ...trainer.engine(shape), name: engine }),
      fit: async (task, options): Promise<FitResult> => {
        const result = await trainer.fit(task, options);
        change(result.parameters, fits++);
        return result;
      },
      stop: () => trainer.stop(),
    };
  };
}

/** True when the bytes of a digest, or its digits, are anywhere in what was said. */
export function isAmong(heard: readonly Uint8Array[], digest: string): boolean {
  const said = Buffer.concat(heard);
  return said.includes(digest) || said.includes(Buffer.from(digest, 'hex'));
}
