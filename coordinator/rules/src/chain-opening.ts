// How a federation's chain begins: once, with the first round, under rules that never change.

import type { ChainEngine, ChainGenesis, ChainRules, Digest, TrainingTask } from '@starling/shared';
import { chainGenesis } from '@starling/shared';
import type { RecordedEvent } from './events.ts';
import type { FederationState } from './federation-state.ts';
import { readFrame } from './read-frame.ts';
import { RulesError } from './rules-error.ts';

/** The one collection of a federation, and so its one chain. */
export const DOCUMENTS = 'documents';

/** Certificates decide, unless an operator asks for polls. */
const SIMPLEX: ChainEngine = Object.freeze({ kind: 'simplex' });

export interface ChainOpening {
  readonly body: ChainGenesis;
  /** Names the chain: the parent of its first block. */
  readonly bodyDigest: Digest;
  readonly frame: Uint8Array;
}

/**
 * The rules of a chain over this encoder's base space. Unit vectors whose cosine is above 0.95
 * conflict: at scale 127 that is a squared distance of 127² · 2 · (1 − 0.95).
 */
export function defaultChainRules({ encoder }: Pick<TrainingTask, 'encoder'>): ChainRules {
  return {
    attestQueriesMin: 50,
    centroidScale: 127,
    checkpointEvery: 256,
    conflictRadius: 1613,
    costRatioMicros: 1_050_000,
    dimension: encoder.dimension,
    engine: SIMPLEX,
    expiryHeights: 64,
    marginMicros: 10_000,
    metric: 'cosine',
    poll: { alphaConfidence: 15, alphaPreference: 11, beta: 20, k: 20 },
    recallSlackMicros: 20_000,
  };
}

/** The statement with which the chain opens under the roster in force. */
export function chainGenesisFor(
  state: FederationState,
  engine: ChainEngine = SIMPLEX,
): ChainGenesis {
  return {
    collection: DOCUMENTS,
    roster: state.rosterDigest,
    rules: { ...defaultChainRules(state.genesis.task), engine },
    weights: [],
  };
}

/** @throws {RulesError} `impossible-event` when a chain is open, or its roster is unknown. */
export function foldChain(
  state: FederationState,
  { payload, seq }: RecordedEvent & { readonly type: 'chain-opened' },
): void {
  const { body, bodyDigest } = readFrame(payload.genesis, chainGenesis);
  if (state.chain !== undefined) {
    throw new RulesError('impossible-event', `event ${seq} opens the chain again`);
  }
  if (!state.rosterFrames.has(body.roster) || body.collection !== DOCUMENTS) {
    throw new RulesError('impossible-event', `event ${seq} opens a chain of an unknown roster`);
  }
  state.chain = { body, bodyDigest, frame: payload.genesis };
}
