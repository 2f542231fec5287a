// What the pattern ledger costs a member beside its signatures, which are verified elsewhere: roots,
// blocks, a leader's selection, and snapshots for whoever joins late.

import {
  applyBlock,
  type BlockRules,
  buildBlock,
  type ChainState,
  decodeState,
  encodeState,
  openChain,
  selectEntries,
  stateRootOf,
} from '@starling/consensus';
import { digestOf } from '@starling/crypto';
import { SeededRandom } from '@starling/index';
import type {
  ChainBlock,
  ChainEntry,
  ChainGenesis,
  Checked,
  Digest,
  MemberId,
  PatternEntry,
} from '@starling/shared';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import type { Summary } from './measure.ts';

/** As long as an ML-DSA-65 signature, and one for blocks that are not timed. */
const SIGNATURE = new Uint8Array(3309);
const SHORT = new Uint8Array(1);
const RADIUS = 90_000;
const PER_BLOCK = 64;

export const benchmark: Benchmark = {
  name: 'ledger',
  summary: 'state roots, blocks and snapshots of the pattern ledger',
  baseline: undefined,
  async *run(context) {
    for (const [patterns, dimension] of context.isQuick ? [[1000, 128]] : SIZES) {
      yield* measured(context, patterns ?? 1000, dimension ?? 128);
    }
  },
};

const SIZES = [
  [1000, 128],
  [4000, 128],
  [1000, 1024],
];

const RULES: BlockRules = {
  digestOf,
  isSigned: () => true,
  openRoster: () => {
    throw new Error('no members change here');
  },
};

async function* measured(
  context: BenchmarkContext,
  patterns: number,
  dimension: number,
): AsyncIterable<Row> {
  const name = `${patterns} patterns of ${dimension}`;
  context.progress(name);
  const random = new SeededRandom(context.seed);
  let state = openedBy(5, dimension);
  while (state.patterns.size < patterns) {
    const count = Math.min(PER_BLOCK, patterns - state.patterns.size);
    const entries = Array.from({ length: count }, () => entryOn(state, random, SHORT));
    state = granted(applyBlock(state, blockOn(state, entries), RULES));
  }
  const before = state;
  const four = Array.from({ length: 4 }, () => entryOn(before, random, SIGNATURE));
  const [empty, full] = [blockOn(before, []), blockOn(before, four)];
  const behind = granted(applyBlock(before, empty, RULES));
  const snapshot = encodeState(behind);
  const { genesis, membership, rules } = before;
  const memberships = new Map([[membership.digest, membership]]);
  const apply = (block: ChainBlock) => () => granted(applyBlock(before, block, RULES));
  const repeats = context.isQuick ? 15 : 51;
  const timed = async (action: () => unknown, times = repeats): Promise<Summary> => {
    const { max, median, min, ...rest } = await context.measure(times, action);
    return { ...rest, max: 1000 * max, median: 1000 * median, min: 1000 * min };
  };
  const join = () =>
    granted(decodeState(snapshot, { block: empty, digestOf, genesis, memberships, rules }));
  const figures = {
    rootMs: await timed(() => stateRootOf(before, digestOf)),
    emptyBlockMs: await timed(apply(empty)),
    fourPatternsMs: await timed(apply(full)),
    selectMs: await timed(() => selectEntries(before, four, RULES)),
    snapshotMs: await timed(() => encodeState(behind)),
    joinMs: await timed(join, 5),
    snapshotBytes: snapshot.byteLength,
  };
  yield { contender: 'ledger', case: name, figures };
}

function openedBy(members: number, dimension: number): ChainState {
  const roster = digestOf(Uint8Array.of(1));
  const poll = { alphaConfidence: 4, alphaPreference: 4, beta: 5, k: 5 };
  const genesis: ChainGenesis = {
    collection: 'documents',
    roster,
    rules: {
      attestQueriesMin: 50,
      centroidScale: 127,
      checkpointEvery: 256,
      conflictRadius: RADIUS,
      costRatioMicros: 1_050_000,
      dimension,
      engine: { kind: 'simplex' },
      expiryHeights: 1000,
      marginMicros: 10_000,
      metric: 'cosine',
      poll,
      recallSlackMicros: 20_000,
    },
    weights: [],
  };
  const peers = Array.from({ length: members }, (_, place) => ({
    formerly: null,
    member: digestOf(Uint8Array.of(2, place)) as string as MemberId,
    publicKey: new Uint8Array(1952),
  })).sort((a, b) => (a.member < b.member ? -1 : 1));
  const id = digestOf(Uint8Array.of(3));
  return granted(openChain({ genesis, id, roster: { digest: roster, peers, seq: 1 } }, digestOf));
}

/** A pattern at a random place, which is far from all others, as five members attest it. */
function entryOn(
  { membership, rules, tip }: ChainState,
  random: SeededRandom,
  signature: Uint8Array,
): PatternEntry {
  const centroid = new Uint8Array(
    Int8Array.from({ length: rules.dimension }, () => (random.nextUint32() % 255) - 127).buffer,
  );
  const measured = {
    costRatioMicros: 1_000_000,
    queries: 80,
    recallBoundMicros: 940_000,
    recallMicros: 960_000,
    signature,
    verdict: 'accept' as const,
  };
  const [first] = membership.members;
  return {
    attestations: membership.members.map(({ member }) => ({ ...measured, member })),
    kind: 'pattern',
    proposal: {
      author: first?.member ?? ('' as MemberId),
      height: tip.height,
      parents: [],
      pattern: {
        centroid,
        collection: 'documents',
        cost: 900,
        efSearch: 64,
        expectedRecallMicros: 950_000,
        k: 10,
        queries: 80,
        radius: RADIUS,
      },
      supersedes: [] as Digest[],
    },
    signature,
  };
}

function blockOn(state: ChainState, entries: readonly ChainEntry[]): ChainBlock {
  const [first] = state.membership.members;
  const leader = first?.member ?? ('' as MemberId);
  return granted(buildBlock(state, { entries, leader, view: state.tip.view + 1 }, RULES));
}

function granted<T>(result: Checked<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.refusal.reason}: ${result.refusal.detail}`);
}
