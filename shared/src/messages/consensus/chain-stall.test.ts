import test from 'ava';
import { type CborValue, encodeCanonical } from '../../canonical-cbor.ts';
import { ROSTER_MEMBERS_MAX } from '../roster.ts';
import { chainOpening, OPENINGS_ANSWERED_MAX } from './chain-opening.ts';
import { chainAnswerSchema, chainRequestSchema } from './chain-request.ts';
import { CHAIN_SAMPLES, SAMPLE_CERTIFICATE } from './chain-samples-fixture.ts';
import { chainStall, STARTING_BLOCKS_MAX } from './chain-stall.ts';

const collection = 'documents';
const hex = (value: number) => value.toString(16).padStart(64, '0');
const sampleOf = (type: string) => CHAIN_SAMPLES[type] ?? {};

type Schema = { readonly safeParse: (value: unknown) => { readonly success: boolean } };
const takes = ({ safeParse }: Schema, value: unknown) => safeParse(value).success;

test('a starting vote is 1 to 41 blocks with the decided one among them', (t) => {
  const of = (blocks: number, decidedHeight = 4) => ({
    ...sampleOf('chain-stall'),
    start: { chain: new Uint8Array(blocks * 32), decidedHeight, fromHeight: 4 },
  });
  t.true(takes(chainStall.schema, of(1)));
  t.true(takes(chainStall.schema, of(STARTING_BLOCKS_MAX, 44)));
  t.false(takes(chainStall.schema, of(STARTING_BLOCKS_MAX + 1)));
  t.false(takes(chainStall.schema, of(0)));
  t.false(takes(chainStall.schema, of(1.5)));
  t.false(takes(chainStall.schema, of(3, 3)));
  t.false(takes(chainStall.schema, of(3, 7)));
  const largest = of(STARTING_BLOCKS_MAX) as unknown as CborValue;
  t.true(encodeCanonical(largest).byteLength <= chainStall.bodyBytesMax);
});

test('who is stuck says so without a start, and only even eras end', (t) => {
  const stuck = { ...sampleOf('chain-stall'), start: null };
  t.true(takes(chainStall.schema, stuck));
  for (const era of [1, -2, 2 ** 20 + 2]) t.false(takes(chainStall.schema, { ...stuck, era }));
});

test('the opening of all members fits, each of them once and in order', (t) => {
  const start = { chain: new Uint8Array(32 * 41), decidedHeight: 4, fromHeight: 4 };
  const of = (voters: readonly number[]) => ({
    ...sampleOf('chain-opening'),
    starts: voters.map((voter) => ({ signature: new Uint8Array(3309), start, voter })),
  });
  const all = Array.from({ length: ROSTER_MEMBERS_MAX }, (_, voter) => voter);
  t.true(takes(chainOpening.schema, of(all)));
  const largest = of(all) as unknown as CborValue;
  t.true(encodeCanonical(largest).byteLength <= chainOpening.bodyBytesMax);
  t.true(takes(chainOpening.schema, of([])));
  for (const voters of [[1, 1], [2, 1], [ROSTER_MEMBERS_MAX]]) {
    t.false(takes(chainOpening.schema, of(voters)), voters.join());
  }
});

test('polls about blocks name an even era and a height, and are answered or not', (t) => {
  const query = { collection, epoch: 1, era: 2, height: 5, kind: 'preference' };
  t.true(takes(chainRequestSchema, query));
  t.false(takes(chainRequestSchema, { ...query, era: 1 }));
  t.false(takes(chainRequestSchema, { ...query, height: 0 }));
  const chit = { lastAccepted: hex(1), preference: hex(2), preferenceAtHeight: hex(3) };
  t.true(takes(chainAnswerSchema, { chit, outcome: 'preference' }));
  t.true(takes(chainAnswerSchema, { chit: null, outcome: 'preference' }));
  t.false(takes(chainAnswerSchema, { chit: { ...chit, preference: 'x' }, outcome: 'preference' }));
});

test('how an era opened is answered with its openings and one certificate', (t) => {
  t.true(takes(chainRequestSchema, { collection, epoch: 1, kind: 'opened' }));
  t.true(takes(chainRequestSchema, { collection, id: hex(1), kind: 'opening' }));
  const opened = (count: number) => ({
    opened: { certificate: SAMPLE_CERTIFICATE, openings: Array(count).fill(Uint8Array.of(1)) },
    outcome: 'opened',
  });
  t.true(takes(chainAnswerSchema, opened(OPENINGS_ANSWERED_MAX)));
  t.false(takes(chainAnswerSchema, opened(OPENINGS_ANSWERED_MAX + 1)));
  t.false(takes(chainAnswerSchema, opened(0)));
});
