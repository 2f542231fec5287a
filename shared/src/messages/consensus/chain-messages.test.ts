import { fc } from '@fast-check/ava';
import test from 'ava';
import { type CborValue, decodeCanonical, encodeCanonical } from '../../canonical-cbor.ts';
import { MESSAGES } from '../registry.ts';
import { ROSTER_MEMBERS_MAX } from '../roster.ts';
import { BLOCK_BYTES_MAX, chainBlock, ENTRIES_MAX } from './chain-block.ts';
import { chainEntry, ENTRY_ROSTER_BYTES_MAX, ENTRY_SIGNATURE_BYTES_MAX } from './chain-entry.ts';
import { chainEvidence, EVIDENCE_FRAME_BYTES_MAX } from './chain-evidence.ts';
import { chainGenesis } from './chain-genesis.ts';
import {
  ANSWER_BLOCKS_MAX,
  CHAIN_REQUEST_BYTES_MAX,
  chainAnswerSchema,
  chainRequestSchema,
  POLL_CHOICES_MAX,
  POLL_GROUPS_MAX,
  SNAPSHOT_PART_BYTES,
} from './chain-request.ts';
import { chainRulesSchema, PATTERN_DIMENSION_MAX } from './chain-rules.ts';
import {
  CHAIN_SAMPLES,
  SAMPLE_CERTIFICATE,
  SAMPLE_ENTRIES,
  SAMPLE_RULES,
} from './chain-samples-fixture.ts';
import { chainCertificateSchema, chainVote } from './chain-vote.ts';
import { patternAttestation } from './pattern-attestation.ts';
import { PARENTS_MAX, patternProposal, SUPERSEDES_MAX } from './pattern-proposal.ts';
import { SETTING_VALUE_MAX, settingProposal } from './setting.ts';

const hex = (value: number) => value.toString(16).padStart(64, '0');
const digests = (count: number) => Array.from({ length: count }, (_, i) => hex(i));
const collection = 'documents';
const [patternEntry, modelEntry, settingEntry, membershipEntry] = SAMPLE_ENTRIES;

type Schema = { readonly safeParse: (value: unknown) => { readonly success: boolean } };
const takes = ({ safeParse }: Schema, value: unknown) => safeParse(value).success;

/** A sample with one field, named by its path, replaced. */
function changed(sample: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(sample)) {
    return sample.map((item, i) => (i === key ? changed(item, rest, value) : item));
  }
  const object = sample as Record<string, unknown>;
  return { ...object, [key]: changed(object[key], rest, value) };
}

const sampleOf = (type: string) => CHAIN_SAMPLES[type] ?? {};

test('a body that is one byte too large for its message is refused', (t) => {
  for (const type of Object.keys(CHAIN_SAMPLES)) {
    const { bodyBytesMax = 0 } = MESSAGES.get(type) ?? {};
    const most = decodeCanonical(new Uint8Array(bodyBytesMax), bodyBytesMax);
    t.not(most.ok ? 'ok' : most.fault, 'oversized', type);
    const over = decodeCanonical(new Uint8Array(bodyBytesMax + 1), bodyBytesMax);
    t.like(over, { ok: false, fault: 'oversized' }, type);
  }
});

test('a changed byte of a body gives another body or none', (t) => {
  const drawn = fc.tuple(fc.constantFrom(...Object.keys(CHAIN_SAMPLES)), fc.nat(), fc.nat(7));
  fc.assert(
    fc.property(drawn, ([type, position, bit]) => {
      const { bodyBytesMax = 0, schema } = MESSAGES.get(type) ?? {};
      const bytes = encodeCanonical(sampleOf(type));
      const at = position % bytes.byteLength;
      const other = bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit));
      const decoded = decodeCanonical(other, bodyBytesMax);
      const body = decoded.ok ? schema?.safeParse(decoded.value) : undefined;
      if (body?.success === true) {
        t.notDeepEqual(encodeCanonical(body.data as CborValue), bytes);
      } else t.pass();
    }),
    { numRuns: 1000 },
  );
});

test('a centroid has 1 to 4096 components, none of them -128', (t) => {
  const of = (centroid: Uint8Array) =>
    changed(sampleOf('pattern-proposal'), ['pattern', 'centroid'], centroid);
  t.true(takes(patternProposal.schema, of(new Uint8Array(PATTERN_DIMENSION_MAX))));
  t.false(takes(patternProposal.schema, of(new Uint8Array(PATTERN_DIMENSION_MAX + 1))));
  t.false(takes(patternProposal.schema, of(new Uint8Array(0))));
  t.true(takes(patternProposal.schema, of(Uint8Array.of(0x81, 0x7f))));
  t.false(takes(patternProposal.schema, of(Uint8Array.of(1, 0x80))));
});

const impossible: readonly (readonly [string, number])[] = [
  ['expectedRecallMicros', 1_000_001],
  ['radius', 0],
  ['radius', 4096 * 254 ** 2 + 1],
  ['k', 0],
  ['efSearch', 0],
  ['efSearch', 65_537],
  ['queries', 0],
  ['cost', 0],
];
for (const [field, value] of impossible) {
  test(`a pattern with ${field} ${value} is refused`, (t) => {
    const odd = changed(sampleOf('pattern-proposal'), ['pattern', field], value);
    t.false(takes(patternProposal.schema, odd));
  });
}

const lists: readonly (readonly [string, readonly string[], number])[] = [
  ['parents', ['parents'], PARENTS_MAX],
  ['supersedes', ['supersedes'], SUPERSEDES_MAX],
];
for (const [field, path, most] of lists) {
  test(`${field} ascend, stand once, and are at most ${most}`, (t) => {
    const of = (list: readonly string[]) => changed(sampleOf('pattern-proposal'), path, list);
    t.true(takes(patternProposal.schema, of(digests(most))));
    t.false(takes(patternProposal.schema, of(digests(most + 1))));
    t.false(takes(patternProposal.schema, of([hex(2), hex(1)])));
    t.false(takes(patternProposal.schema, of([hex(2), hex(2)])));
  });
}

test('members stand once in attestations, approvals and weights, ascending and at most 100', (t) => {
  const cases = [
    [chainBlock.schema, 'chain-block', ['entries', 0, 'attestations']],
    [chainBlock.schema, 'chain-block', ['entries', 2, 'approvals']],
    [chainGenesis.schema, 'chain-genesis', ['weights']],
  ] as const;
  for (const [schema, type, path] of cases) {
    const sample = sampleOf(type);
    const [item] = path.reduce<unknown>(
      (value, key) => (value as Record<string | number, unknown>)[key],
      sample,
    ) as readonly [Record<string, unknown>];
    const of = (ids: readonly string[]) =>
      changed(
        sample,
        path,
        ids.map((member) => ({ ...item, member })),
      );
    t.true(takes(schema, of(digests(ROSTER_MEMBERS_MAX))), path.join('.'));
    t.false(takes(schema, of(digests(ROSTER_MEMBERS_MAX + 1))), path.join('.'));
    t.false(takes(schema, of([hex(2), hex(1)])), path.join('.'));
    t.false(takes(schema, of([hex(2), hex(2)])), path.join('.'));
  }
});

test('a block has at most ENTRIES_MAX entries, and none is allowed', (t) => {
  const of = (count: number) =>
    changed(sampleOf('chain-block'), ['entries'], Array(count).fill(settingEntry));
  t.true(takes(chainBlock.schema, of(0)));
  t.true(takes(chainBlock.schema, of(ENTRIES_MAX)));
  t.false(takes(chainBlock.schema, of(ENTRIES_MAX + 1)));
});

test('the longest roster, a certificate of all members and the longest evidence fit', (t) => {
  const roster = new Uint8Array(ENTRY_ROSTER_BYTES_MAX);
  const entry = { ...membershipEntry, roster };
  const block = changed(sampleOf('chain-block'), ['entries'], [entry]) as CborValue;
  t.true(takes(chainBlock.schema, block));
  t.true(encodeCanonical(block).byteLength <= BLOCK_BYTES_MAX);
  const alone = { collection, entry };
  t.true(takes(chainEntry.schema, alone));
  t.true(encodeCanonical(alone).byteLength <= chainEntry.bodyBytesMax);
  const longer = { ...entry, roster: new Uint8Array(ENTRY_ROSTER_BYTES_MAX + 1) };
  t.false(takes(chainEntry.schema, { collection, entry: longer }));
  const signatures = digests(100).map((member) => ({ member, signature: new Uint8Array(3309) }));
  const certified = changed(modelEntry, ['certificate', 'signatures'], signatures) as CborValue;
  const model = { collection, entry: certified };
  t.true(takes(chainEntry.schema, model));
  t.true(encodeCanonical(model).byteLength <= chainEntry.bodyBytesMax);
  const frame = new Uint8Array(EVIDENCE_FRAME_BYTES_MAX);
  const evidence = { collection, first: frame, second: frame };
  t.true(takes(chainEvidence.schema, evidence));
  t.true(encodeCanonical(evidence).byteLength <= chainEvidence.bodyBytesMax);
  const first = new Uint8Array(EVIDENCE_FRAME_BYTES_MAX + 1);
  t.false(takes(chainEvidence.schema, { ...evidence, first }));
});

test('no entry of patterns or settings travels as a chain-entry', (t) => {
  t.false(takes(chainEntry.schema, { collection, entry: patternEntry }));
  t.false(takes(chainEntry.schema, { collection, entry: settingEntry }));
});

test('signatures in entries and values of settings have an end', (t) => {
  const of = (bytes: number) =>
    changed(sampleOf('chain-block'), ['entries', 0, 'signature'], new Uint8Array(bytes));
  t.true(takes(chainBlock.schema, of(ENTRY_SIGNATURE_BYTES_MAX)));
  t.false(takes(chainBlock.schema, of(ENTRY_SIGNATURE_BYTES_MAX + 1)));
  const value = (length: number) => ({
    ...sampleOf('setting-proposal'),
    value: 'v'.repeat(length),
  });
  t.true(takes(settingProposal.schema, value(SETTING_VALUE_MAX)));
  t.false(takes(settingProposal.schema, value(SETTING_VALUE_MAX + 1)));
});

test('a nullify vote names no block, every other vote names one', (t) => {
  const vote = sampleOf('chain-vote');
  t.true(takes(chainVote.schema, { ...vote, block: null, kind: 'nullify' }));
  t.false(takes(chainVote.schema, { ...vote, kind: 'nullify' }));
  for (const kind of ['notarize', 'finalize']) {
    t.false(takes(chainVote.schema, { ...vote, block: null, kind }));
  }
});

test('the voters of a certificate ascend and stand once', (t) => {
  const [proof] = SAMPLE_CERTIFICATE.proofs;
  const of = (...voters: readonly number[]) => ({
    ...SAMPLE_CERTIFICATE,
    proofs: voters.map((voter) => ({ ...proof, voter })),
  });
  t.true(takes(chainCertificateSchema, of(0, 1, 99)));
  for (const voters of [[], [1, 1], [2, 1], [100]]) {
    t.false(takes(chainCertificateSchema, of(...voters)), voters.join());
  }
});

test('poll parameters violate no inequality of Snowball', (t) => {
  const of = (poll: object) => ({ ...SAMPLE_RULES, poll: { ...SAMPLE_RULES.poll, ...poll } });
  t.true(takes(chainRulesSchema, of({})));
  for (const poll of [
    { alphaPreference: 10 },
    { alphaPreference: 16 },
    { alphaConfidence: 21 },
    { beta: 0 },
    { k: 257 },
  ]) {
    t.false(takes(chainRulesSchema, of(poll)), JSON.stringify(poll));
  }
});

test('an engine of polls states its parameters and the bound that they must keep', (t) => {
  const snow = {
    byzantineMicros: 100_000,
    kind: 'snow',
    parameters: SAMPLE_RULES.poll,
    targetExponent: 15,
  };
  const of = (engine: object) => ({ ...SAMPLE_RULES, engine });
  t.true(takes(chainRulesSchema, of(snow)));
  for (const odd of [
    { kind: 'snow' },
    { ...snow, targetExponent: 0 },
    { ...snow, byzantineMicros: 1_000_000 },
    { kind: 'simplex', targetExponent: 15 },
  ]) {
    t.false(takes(chainRulesSchema, of(odd)), JSON.stringify(odd));
  }
});

test('an attestation has no fourth verdict and no recall above one', (t) => {
  const sample = sampleOf('pattern-attestation');
  for (const verdict of ['accept', 'reject', 'abstain']) {
    t.true(takes(patternAttestation.schema, { ...sample, verdict }));
  }
  t.false(takes(patternAttestation.schema, { ...sample, verdict: 'maybe' }));
  t.false(takes(patternAttestation.schema, { ...sample, recallMicros: 1_000_001 }));
  t.false(takes(patternAttestation.schema, { ...sample, recallBoundMicros: 1_000_001 }));
});

test('the largest poll fits a request, and one more group or choice is refused', (t) => {
  const of = (groups: number, choices: number) => ({
    collection,
    groups: Array.from({ length: groups }, () => digests(choices)),
    kind: 'poll',
  });
  const largest = of(POLL_GROUPS_MAX, POLL_CHOICES_MAX);
  t.true(takes(chainRequestSchema, largest));
  t.true(encodeCanonical(largest).byteLength <= CHAIN_REQUEST_BYTES_MAX);
  t.false(takes(chainRequestSchema, of(POLL_GROUPS_MAX + 1, 1)));
  t.false(takes(chainRequestSchema, of(1, POLL_CHOICES_MAX + 1)));
  t.false(takes(chainRequestSchema, of(0, 0)));
  t.false(takes(chainRequestSchema, of(1, 0)));
});

test('answers carry no more blocks and no longer snapshot parts than their limits', (t) => {
  const bytes = Uint8Array.of(1);
  const run = { blocks: [bytes], certificate: SAMPLE_CERTIFICATE };
  const of = (count: number) => ({ height: 9, outcome: 'blocks', runs: Array(count).fill(run) });
  t.true(takes(chainAnswerSchema, of(ANSWER_BLOCKS_MAX)));
  t.false(takes(chainAnswerSchema, of(ANSWER_BLOCKS_MAX + 1)));
  const part = (length: number) => ({ bytes: new Uint8Array(length), outcome: 'snapshot' });
  t.true(takes(chainAnswerSchema, part(SNAPSHOT_PART_BYTES)));
  t.false(takes(chainAnswerSchema, part(SNAPSHOT_PART_BYTES + 1)));
});

test('arbitrary values are no requests and no answers', (t) => {
  fc.assert(
    fc.property(fc.anything({ maxDepth: 3 }), (value) => {
      t.false(takes(chainRequestSchema, value) || takes(chainAnswerSchema, value));
    }),
    { numRuns: 500 },
  );
});
