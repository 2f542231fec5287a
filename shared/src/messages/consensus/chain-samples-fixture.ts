// One valid body of every message of the pattern chain.

import type { CborValue } from '../../canonical-cbor.ts';

type Body = { readonly [key: string]: CborValue };

const digest = (digit: string) => digit.repeat(64);
const bytes = Uint8Array.of(1, 2, 3);
const member = digest('a');
const collection = 'documents';
const poll = { alphaConfidence: 15, alphaPreference: 11, beta: 20, k: 20 };

export const SAMPLE_RULES = {
  attestQueriesMin: 50,
  centroidScale: 127,
  checkpointEvery: 256,
  conflictRadius: 2_000,
  costRatioMicros: 1_050_000,
  dimension: 4,
  engine: { kind: 'simplex' },
  expiryHeights: 1_000,
  marginMicros: 10_000,
  metric: 'cosine',
  poll,
  recallSlackMicros: 20_000,
};

const pattern = {
  centroid: Uint8Array.of(127, 0, 129, 255),
  collection,
  cost: 900,
  efSearch: 64,
  expectedRecallMicros: 950_000,
  k: 10,
  queries: 80,
  radius: 1_500,
};
const measurement = {
  costRatioMicros: 980_000,
  queries: 61,
  recallBoundMicros: 940_000,
  recallMicros: 960_000,
  verdict: 'accept',
};
const proposal = {
  author: member,
  height: 3,
  parents: [digest('1'), digest('2')],
  pattern,
  supersedes: [digest('3')],
};
const setting = { author: member, base: 0, collection, name: 'topology', value: 'hypercube' };
const certificate = { body: bytes, signatures: [{ member, signature: bytes }] };

export const SAMPLE_ENTRIES = [
  {
    attestations: [{ ...measurement, member, signature: bytes }],
    kind: 'pattern',
    proposal,
    signature: bytes,
  },
  {
    baseVersion: 2,
    certificate,
    kind: 'model',
    membership: digest('9'),
    model: 'encoder',
    version: 3,
  },
  {
    approvals: [{ member, signature: bytes }],
    kind: 'setting',
    proposal: setting,
    signature: bytes,
  },
  { kind: 'membership', roster: bytes },
];

export const SAMPLE_CERTIFICATE = {
  proofs: [
    { signature: bytes, voter: 0 },
    { signature: bytes, voter: 2 },
  ],
  vote: { block: digest('d'), collection, epoch: 1, kind: 'finalize', view: 7 },
};

const SAMPLE_START = { chain: new Uint8Array(96), decidedHeight: 5, fromHeight: 4 };

export const CHAIN_SAMPLES: Readonly<Record<string, Body>> = {
  'chain-block': {
    collection,
    entries: SAMPLE_ENTRIES,
    epoch: 1,
    height: 5,
    leader: member,
    membership: digest('9'),
    parent: digest('c'),
    parentView: 6,
    stateRoot: digest('e'),
    view: 7,
  },
  'chain-entry': { collection, entry: SAMPLE_ENTRIES[1] ?? null },
  'chain-evidence': { collection, first: bytes, second: bytes },
  'chain-genesis': {
    collection,
    roster: digest('9'),
    rules: SAMPLE_RULES,
    weights: [{ member, weight: 2 }],
  },
  'chain-opening': {
    collection,
    epoch: 1,
    height: 1,
    leader: member,
    parent: digest('0'),
    parentView: 4_294_967_296,
    starts: [{ signature: bytes, start: SAMPLE_START, voter: 0 }],
    view: 4_294_967_297,
  },
  'chain-stall': { collection, epoch: 1, era: 0, start: SAMPLE_START },
  'chain-status': {
    best: { block: digest('d'), kind: 'notarize', view: 6 },
    collection,
    decided: digest('c'),
    epoch: 1,
    height: 5,
    view: 7,
  },
  'chain-vote': { block: digest('d'), collection, epoch: 1, kind: 'notarize', view: 7 },
  'pattern-attestation': { ...measurement, collection, proposal: digest('b') },
  'pattern-proposal': proposal,
  'setting-approval': { collection, proposal: digest('b') },
  'setting-proposal': setting,
};
