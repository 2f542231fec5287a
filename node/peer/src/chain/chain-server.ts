// Answers members about the chain. The channel authenticates who asks; what is answered proves
// itself by signatures, or is an opinion.

import {
  ANSWER_BLOCKS_MAX,
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_REQUEST_BYTES_MAX,
  type ChainAnswer,
  type ChainRequest,
  type Chit,
  chainRequestSchema,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  SNAPSHOT_PART_BYTES,
} from '@starling/shared';
import type { KnownBeginning } from './chain-beginning.ts';
import type { ChainRun } from './chain-run.ts';
import type { DecidedChain } from './decided-chain.ts';
import type { EvidenceBook } from './evidence-book.ts';
import type { HighestVotes } from './highest-votes.ts';
import type { SeenStarts } from './seen-starts.ts';

/** Room for the frame around what an answer holds. */
const ANSWER_ROOM_BYTES = 512 * 1024;

export interface ServerParts {
  readonly collection: string;
  readonly highest: HighestVotes;
  readonly starts: SeenStarts;
  readonly evidence: EvidenceBook;
  beginning(): KnownBeginning | undefined;
  decided(): DecidedChain | undefined;
  run(): ChainRun | undefined;
  chits(groups: readonly (readonly Digest[])[]): Chit[];
}

const UNKNOWN: ChainAnswer = Object.freeze({ outcome: 'unknown' });

export class ChainServer {
  readonly #parts: ServerParts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /** Handler of the protocol `chain`. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    const decoded = decodeCanonical(bytes, CHAIN_REQUEST_BYTES_MAX);
    const request = decoded.ok ? chainRequestSchema.safeParse(decoded.value).data : undefined;
    if (request === undefined) {
      return encodeCanonical({ outcome: 'refused', reason: 'wrong-shape' });
    }
    const isOurs = request.collection === this.#parts.collection;
    return encodeCanonical(isOurs ? await this.#answerTo(request) : UNKNOWN);
  }

  async #answerTo(request: ChainRequest): Promise<ChainAnswer> {
    const { beginning, decided, evidence, highest, run, starts } = this.#parts;
    const chain = decided();
    switch (request.kind) {
      case 'genesis': {
        const known = beginning();
        return known === undefined ? UNKNOWN : { outcome: 'genesis', frame: known.frame };
      }
      case 'highest-vote': {
        const seen = await highest.of(request.member);
        const start = starts.of(request.member) ?? null;
        return { outcome: 'highest-vote', frame: seen?.frame() ?? null, start };
      }
      case 'block':
        return this.#block(request.id);
      case 'certificate': {
        const { epoch, view, vote } = request;
        const current = run();
        const isCurrent = current?.terms.epoch === epoch;
        const certificate = isCurrent ? current?.certificate(view, vote) : undefined;
        return certificate === undefined ? UNKNOWN : { outcome: 'certificate', certificate };
      }
      case 'evidence': {
        const pairs = evidence.all.slice(-ANSWER_BLOCKS_MAX);
        return {
          outcome: 'evidence',
          pairs: pairs.map(({ first, second }) => ({ first, second })),
        };
      }
      case 'poll': {
        const height = chain?.state.tip.height ?? 0;
        return { outcome: 'poll', chits: this.#parts.chits(request.groups), height };
      }
      case 'preference':
      case 'opening':
      case 'opened':
        return this.#ofEras(request);
      default:
        return chain === undefined ? UNKNOWN : this.#history(request, chain);
    }
  }

  #ofEras(
    request: Extract<ChainRequest, { kind: 'opened' | 'opening' | 'preference' }>,
  ): ChainAnswer {
    const run = this.#parts.run();
    const eras = run?.eras;
    if (run === undefined || eras === undefined) return UNKNOWN;
    if (request.kind === 'opening') {
      const held = eras.opening(request.id);
      if (held === undefined) return UNKNOWN;
      return { outcome: 'opening', body: held.body, frame: held.frame ?? null };
    }
    const isCurrent = request.epoch === run.terms.epoch;
    if (request.kind === 'preference') {
      const chit = isCurrent ? eras.chit(request.era, request.height) : undefined;
      return { outcome: 'preference', chit: chit ?? null };
    }
    const opened = isCurrent ? eras.opened() : undefined;
    return opened === undefined ? UNKNOWN : { outcome: 'opened', opened };
  }

  async #history(
    request: Extract<ChainRequest, { kind: 'blocks' | 'checkpoint' | 'membership' | 'snapshot' }>,
    chain: DecidedChain,
  ): Promise<ChainAnswer> {
    const bytesMax = CHAIN_ANSWER_BYTES_MAX - ANSWER_ROOM_BYTES;
    if (request.kind === 'blocks') {
      const runs = await chain.runs(request.fromHeight, bytesMax);
      return { outcome: 'blocks', height: chain.state.tip.height, runs };
    }
    if (request.kind === 'membership') {
      return { outcome: 'membership', runs: await chain.epochEnds(request.fromEpoch, bytesMax) };
    }
    const checkpoint = await chain.checkpoint();
    if (checkpoint === undefined) return UNKNOWN;
    const { height, snapshot } = checkpoint;
    if (request.kind === 'checkpoint') {
      const [run] = await chain.runs(height, 0);
      if (run === undefined) return UNKNOWN;
      return { outcome: 'checkpoint', height, run, snapshotBytes: snapshot.byteLength };
    }
    if (request.height !== height || request.offset >= snapshot.byteLength) return UNKNOWN;
    const part = snapshot.slice(request.offset, request.offset + SNAPSHOT_PART_BYTES);
    return { outcome: 'snapshot', bytes: part };
  }

  async #block(id: Digest): Promise<ChainAnswer> {
    const { decided, run } = this.#parts;
    const known = run()?.blocks.get(id);
    if (known !== undefined) {
      return { outcome: 'block', body: known.read.body, frame: known.frame ?? null };
    }
    const recent = decided()?.recent.find(({ read }) => read.id === id);
    return recent === undefined
      ? UNKNOWN
      : { outcome: 'block', body: recent.read.body, frame: null };
  }
}
