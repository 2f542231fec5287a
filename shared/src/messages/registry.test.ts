// What every message keeps. A type without a sample here fails the first test.

import { fc } from '@fast-check/ava';
import test from 'ava';
import { type CborValue, decodeCanonical, encodeCanonical } from '../canonical-cbor.ts';
import { CHAIN_SAMPLES } from './consensus/chain-samples-fixture.ts';
import { ENVELOPE_OVERHEAD_BYTES } from './envelope.ts';
import { LEDGER_SAMPLES } from './ledger/ledger-samples-fixture.ts';
import { GOSSIP_TOPICS } from './message-definition.ts';
import { MESSAGES } from './registry.ts';

type Body = { readonly [key: string]: CborValue };

const digest = (digit: string) => digit.repeat(64);
const bytes = Uint8Array.of(1, 2, 3);
const member = digest('a');
const transportId = '12D3KooWStarlingStarlingStarling';
const training = {
  batchSize: 256,
  learningRateMicros: 5000,
  localEpochs: 2,
  temperatureMicros: 50_000,
};
const encoder = { buckets: 8192, dimension: 128 };
const aggregation = { mode: 'plain' };
const payload = { bytes: 4_194_304, root: digest('d') };
const missing = [{ member, reason: 'offline' }];

const SAMPLES: Readonly<Record<string, Body>> = {
  ...CHAIN_SAMPLES,
  ...LEDGER_SAMPLES,
  aggregate: {
    base: digest('b'),
    missing,
    model: payload,
    plan: digest('c'),
    round: 3,
    statistics: null,
    updates: payload,
    version: 3,
  },
  announce: {
    attempt: 1,
    clipMicros: 1_000_000,
    coordinatorKey: bytes,
    corruptMicros: 333_333,
    dropMicros: 100_000,
    elements: 1_048_576,
    fractionBits: 26,
    graph: { kind: 'complete' },
    group: { count: 1, index: 0 },
    model: digest('b'),
    modelVersion: 2,
    noise: null,
    normMicros: 100_000_000,
    participants: [digest('1'), digest('2'), digest('3')],
    phaseWithinMs: 20_000,
    plan: digest('c'),
    ring: 32,
    roster: digest('9'),
    round: 3,
    survivorsMin: 3,
    threshold: 2,
    weightMax: 2_000,
  },
  complaint: { accused: member, reason: 'packet-unopened', session: digest('5') },
  auth: {
    challenge: new Uint8Array(32).fill(1),
    nonce: new Uint8Array(32).fill(2),
    prover: transportId,
    role: 'peer',
    roster: digest('9'),
    verifier: transportId,
  },
  'version-evaluation': {
    ...{ model: digest('7'), mrrMicros: 5, queries: 2, recallAt10Micros: 8, version: 3 },
  },
  evaluation: {
    ...{ epochs: 12, mrrMicros: 580_000, queries: 200, recallAt10Micros: 810_000 },
    stage: 'alone',
    version: 0,
  },
  genesis: {
    administrators: [{ member, publicKey: bytes }],
    coordinator: { member, publicKey: bytes },
    createdAtMs: 1,
    name: 'demo',
    rewards: { acceptedUpdate: 10, supply: 1_000_000, vote: 1 },
    task: { aggregation, app: null, clippingNormMicros: 100_000_000, encoder, seed: 1, training },
    threshold: 1,
  },
  'id-bind': {
    channelKey: bytes,
    member,
    notAfterMs: 2,
    notBeforeMs: 1,
    previous: null,
    publicKey: bytes,
    seq: 1,
    site: 'north',
    suite: 'ml-dsa-65',
    transportId,
  },
  'id-rotate': { binding: digest('b'), member, publicKey: bytes, suite: 'ml-dsa-65' },
  invitation: {
    addresses: [`/ip4/127.0.0.1/tcp/4600/p2p/${transportId}`],
    coordinator: transportId,
    genesis: bytes,
    nonce: digest('e'),
    rosterSeq: 1,
    site: 'north',
  },
  'join-request': { binding: bytes, invitation: bytes, rotation: bytes },
  'join-response': { outcome: 'admitted', roster: bytes },
  keys: {
    channelKey: bytes,
    maskKey: bytes,
    seedCommitment: digest('3'),
    selfCommitment: digest('4'),
    session: digest('5'),
  },
  masked: { commitment: digest('7'), payload, session: digest('5'), sharers: digest('6') },
  withdrawal: { plan: digest('c'), reason: 'non-finite-loss', round: 3, step: 12 },
  'model-update': {
    base: digest('b'),
    clipped: false,
    commitment: digest('7'),
    elements: 1_048_576,
    examples: 1600,
    lossFirstMicros: 2_000_000,
    lossLastMicros: 100_000,
    payload,
    plan: digest('c'),
    round: 3,
  },
  'model-vote': {
    base: digest('b'),
    model: digest('d'),
    plan: digest('c'),
    round: 3,
    updates: digest('f'),
    version: 3,
  },
  phase: { members: [member], phase: 'masking', root: digest('6'), session: digest('5') },
  registration: {
    addresses: [],
    examplesRounded: 1600,
    model: digest('d'),
    ready: true,
    version: 2,
  },
  roster: {
    epoch: 1,
    members: [
      {
        binding: digest('b'),
        bindingSeq: 1,
        bindingUntilMs: 2,
        formerly: null,
        member,
        publicKey: bytes,
        role: 'peer',
        sinceMs: 1,
        site: 'north',
        status: 'active',
        transportId,
      },
    ],
    notAfterMs: 2,
    previous: null,
    revoked: [{ fromSeq: 2, member, reason: 'left', site: 'east', transportId }],
    seq: 1,
  },
  'roster-notice': { roster: bytes },
  'roster-request': { seq: 2 },
  'roster-response': { roster: bytes },
  'round-plan': {
    base: digest('b'),
    baseVersion: 2,
    clippingNormMicros: 100_000_000,
    cohort: [member],
    elements: 1_048_576,
    roster: digest('9'),
    round: 3,
    seed: 7,
    training,
    trainWithinMs: 120_000,
    updatesMin: 2,
    voters: [member],
  },
  'round-status': {
    evaluated: [`${member}:before`],
    finished: false,
    missing,
    model: digest('d'),
    phase: 'training',
    ready: [member],
    received: [member],
    registered: [member],
    rosterSeq: 2,
    round: 3,
    sessions: [{ answered: [member], id: digest('5') }],
    version: 2,
    voted: [],
  },
  shares: { advertised: digest('6'), leaves: 4, root: digest('7'), session: digest('5') },
  'site-report': {
    documents: 1600,
    patterns: { known: 3, used: 2, vetoed: 1 },
    peers: [{ member, mesh: true, rttMs: 12 }],
    privacy: {
      deltaPicos: 10_000_000,
      epsilonMaxMicros: null,
      epsilonMicros: 1_250_000,
      rounds: 3,
      roundsWithoutBound: 0,
      unit: 'example',
    },
    progressMicros: 250_000,
    queries: 64,
    state: 'training',
    version: 2,
  },
  survivors: {
    members: [member],
    root: digest('7'),
    session: digest('5'),
    sharers: digest('6'),
  },
  unmask: { box: bytes, ciphertext: bytes, session: digest('5') },
  'version-request': { version: 3 },
  'version-response': {
    aggregate: bytes,
    certificate: { body: bytes, signatures: [{ member, signature: bytes }] },
    model: payload,
    outcome: 'final',
    plan: bytes,
    roster: bytes,
  },
};

test('every message type has a sample, and every sample a type', (t) => {
  t.deepEqual([...MESSAGES.keys()].sort(), Object.keys(SAMPLES).sort());
});

test('a gossiped message fits gossip, and only envelopes expire', (t) => {
  for (const definition of MESSAGES.values()) {
    const isGossiped = GOSSIP_TOPICS.some((topic) => topic === definition.topic);
    if (isGossiped) t.true(definition.bodyBytesMax <= 512 * 1024, definition.type);
    t.is(definition.lifetimeMs > 0, definition.form === 'envelope', definition.type);
    t.true(ENVELOPE_OVERHEAD_BYTES > 3309 + 512);
  }
});

for (const [type, sample] of Object.entries(SAMPLES)) {
  const definition = MESSAGES.get(type);

  test(`${type}: a body survives canonical encoding and fits its limit`, (t) => {
    const encoded = encodeCanonical(sample);
    t.true(encoded.byteLength <= (definition?.bodyBytesMax ?? 0));
    const decoded = decodeCanonical(encoded, encoded.byteLength);
    t.true(decoded.ok);
    if (decoded.ok) t.deepEqual(definition?.schema.parse(decoded.value), sample);
  });

  test(`${type}: a missing, a strange or an unknown field is refused`, (t) => {
    for (const key of Object.keys(sample)) {
      const { [key]: _, ...without } = sample;
      t.false(definition?.schema.safeParse(without).success, `without ${key}`);
      t.false(definition?.schema.safeParse({ ...sample, [key]: { odd: 1 } }).success, key);
    }
    t.false(definition?.schema.safeParse({ ...sample, extra: 1 }).success);
    t.false(definition?.schema.safeParse([sample]).success);
    t.false(definition?.schema.safeParse(null).success);
  });

  test(`${type}: no number out of range and no endless text is taken`, (t) => {
    t.truthy(definition);
    for (const [key, value] of Object.entries(sample)) {
      if (typeof value === 'number') {
        for (const odd of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
          t.false(definition?.schema.safeParse({ ...sample, [key]: odd }).success, `${key} ${odd}`);
        }
      }
      if (typeof value === 'string') {
        const long = value.repeat(100);
        t.false(definition?.schema.safeParse({ ...sample, [key]: long }).success, key);
      }
    }
  });

  test(`${type}: arbitrary values never pass for a body by chance`, (t) => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), (value) => {
        t.false(definition?.schema.safeParse(value).success ?? true);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
}
