// What a masked vector tells by itself: nothing. Statistics with fixed seeds, and the searches that
// broke other systems.

import {
  applyMasks,
  Keystream,
  type Mask,
  type MemberEvent,
  type RandomSource,
  type RingLayout,
  ringVectorToBytes,
  seededSource,
  wordsOf,
} from '@starling/crypto';
import type { MemberId } from '@starling/shared';
import test from 'ava';
import { NO_PACE } from './session-fixture.ts';
import type { SimulatedCoordinator } from './simulated-coordinator.ts';
import { SimulatedSession } from './simulated-session.ts';
import { type SimulatedMember, ValueStage } from './stage.ts';

const ELEMENTS = 1 << 14;
const BLOCK_BYTES = 8;

interface Masked {
  readonly masks: readonly Mask[];
  /** The masked vector of an update of zeros. */
  readonly words: Uint32Array;
}

/** A stage whose members add zeros, and which keeps their masks. */
class ZeroStage extends ValueStage {
  readonly masked = new Map<MemberId, Masked>();
  readonly layout: RingLayout;

  constructor(coordinator: SimulatedCoordinator, random: RandomSource) {
    super(coordinator, random);
    this.layout = coordinator.session.numbers;
  }

  override async mask(member: SimulatedMember, masks: readonly Mask[]): Promise<MemberEvent> {
    const kept = masks.map(({ seed, sign }) => ({ seed: seed.slice(), sign }));
    const words = await withMasks(new Uint32Array(wordsOf(this.layout)), this.layout, kept);
    this.masked.set(member.identity.member, { masks: kept, words });
    return super.mask(member, masks);
  }
}

/** Five members with zeros; what they mask with follows from the source alone. */
async function zeros(seed: number, weightMax: number, random = seededSource(seed)) {
  const stages: ZeroStage[] = [];
  const simulation = new SimulatedSession({
    participants: 5,
    elements: ELEMENTS,
    ring: 32,
    seed,
    weightMax,
    stage: (coordinator) => {
      const stage = new ZeroStage(coordinator, random);
      stages.push(stage);
      return stage;
    },
  });
  await simulation.run();
  const [stage] = stages as [ZeroStage];
  return { simulation, layout: stage.layout, masked: [...stage.masked.values()] };
}

async function withMasks(
  words: Uint32Array,
  layout: RingLayout,
  masks: readonly Mask[],
): Promise<Uint32Array> {
  const copy = words.slice();
  await applyMasks(copy, layout, masks, NO_PACE);
  return copy;
}

/** Standard deviations by which a count of buckets strays from a uniform one. */
function strayOf(buckets: number, drawn: Iterable<number>): number {
  const counts = new Uint32Array(buckets);
  let total = 0;
  for (const bucket of drawn) {
    counts[bucket] = (counts[bucket] ?? 0) + 1;
    total += 1;
  }
  const expected = total / buckets;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (buckets - 1)) / Math.sqrt(2 * (buckets - 1));
}

function* mapped(words: Uint32Array, bucketOf: (word: number) => number): Iterable<number> {
  for (const word of words) yield bucketOf(word);
}

/** The largest deviation of bytes, of the upper and of the lower bits of words. */
function unevenness(words: Uint32Array): number {
  const strays = [
    strayOf(256, ringVectorToBytes(words)),
    strayOf(
      1024,
      mapped(words, (word) => word >>> 22),
    ),
    strayOf(
      1024,
      mapped(words, (word) => word & 1023),
    ),
  ];
  return Math.max(...strays.map(Math.abs));
}

/** Of a few hundred uniform samples none strays as far. */
const STRAY_MAX = 5;

const opposite = ({ seed, sign }: Mask): Mask => ({ seed, sign: sign === 1 ? -1 : 1 });

test('a masked vector of zeros is uniform, and so is what is left without any mask of it', async (t) => {
  const { layout, masked } = await zeros(1, 1000);
  t.is(masked.length, 5);
  for (const { masks, words } of masked) {
    t.is(masks.length, 5, 'its own and one with each other member');
    t.true(unevenness(words) < STRAY_MAX);
    for (const revealed of masks) {
      const left = await withMasks(words, layout, [opposite(revealed)]);
      t.true(unevenness(left) < STRAY_MAX);
    }
    const [self, ...pairs] = masks as [Mask, ...Mask[]];
    const late = await withMasks(words, layout, pairs.map(opposite));
    t.true(unevenness(late) < STRAY_MAX, 'a late vector: every pair mask is known');
    const plain = await withMasks(late, layout, [opposite(self)]);
    t.true(
      plain.every((word) => word === 0),
      'nothing else is in it',
    );
    t.true(unevenness(plain) > 1_000, 'the statistics see what is not uniform');
  }
});

/** First bytes of a seed's keystream, and more of them. */
function streamOf(seed: Uint8Array, bytes: number): Uint8Array {
  const stream = new Uint8Array(bytes);
  new Keystream(seed).fill(stream);
  return stream;
}

test('two sessions share no mask, even if the same secrets were drawn for both', async (t) => {
  const sessions = [await zeros(2, 1000), await zeros(2, 999), await zeros(3, 1000)];
  const [first, second] = sessions.map(({ simulation }) => simulation.session) as [
    SimulatedSession['session'],
    SimulatedSession['session'],
  ];
  t.not(first.id, second.id);
  t.deepEqual(first.announce.participants, second.announce.participants);
  const seeds = sessions.map(({ masked }) => {
    const all = masked.flatMap(({ masks }) => masks.map(({ seed }) => Buffer.from(seed)));
    return new Set(all.map((seed) => seed.toString('hex')));
  });
  for (const { size } of seeds) t.is(size, 5 + 10, 'one for each member and for each pair');
  const distinct = new Set(seeds.flatMap((each) => [...each]));
  t.is(distinct.size, 45);
  const blocks = new BigUint64Array((distinct.size * 4 * ELEMENTS) / BLOCK_BYTES);
  const bytes = new Uint8Array(blocks.buffer);
  for (const [i, seed] of [...distinct].entries()) {
    bytes.set(streamOf(Buffer.from(seed, 'hex'), 4 * ELEMENTS), i * 4 * ELEMENTS);
  }
  blocks.sort();
  t.false(blocks.some((block, i) => i > 0 && block === blocks[i - 1]));
});

/** A seed of 256 bits as a system that folds it to 32 bits would expand it again. */
function expansionsOf(folded: number): Uint8Array[] {
  const padded = new Uint8Array(32);
  new DataView(padded.buffer).setUint32(0, folded, true);
  const repeated = new Uint8Array(new Uint32Array(8).fill(folded).buffer);
  return [padded, repeated];
}

test('no search over seeds of few bits unmasks', async (t) => {
  const { layout, masked } = await zeros(4, 1000);
  const [{ masks, words }] = masked as [Masked];
  const [self, ...pairs] = masks as [Mask, ...Mask[]];
  // The most that can be known: everything but the member's own mask.
  const target = ringVectorToBytes(await withMasks(words, layout, pairs.map(opposite)));
  const first = Buffer.from(target.subarray(0, BLOCK_BYTES));
  t.deepEqual(Buffer.from(streamOf(self.seed, BLOCK_BYTES)), first, 'the right seed unmasks');
  const folded = new Uint32Array(self.seed.slice().buffer).reduce((all, word) => all ^ word, 0);
  const candidates = [folded >>> 0, ...Array(1 << 16).keys()];
  const found = candidates.filter((candidate) =>
    expansionsOf(candidate).some((seed) => first.equals(streamOf(seed, BLOCK_BYTES))),
  );
  t.deepEqual(found, []);
});

test('every secret is drawn with 256 bits, and nothing drawn comes twice', async (t) => {
  const drawn: Uint8Array[] = [];
  const source = seededSource(5);
  const recording: RandomSource = (bytes) => {
    const bits = source(bytes);
    drawn.push(bits.slice());
    return bits;
  };
  const { simulation } = await zeros(5, 1000, recording);
  t.true(drawn.every(({ byteLength }) => byteLength >= 32));
  const texts = new Set(drawn.map((bits) => Buffer.from(bits).toString('hex')));
  t.is(texts.size, drawn.length);
  // Seed, self secret and channel key of each member, and a polynomial for each of its two secrets.
  t.true(drawn.length >= 5 * 5);
  const said = [...simulation.members.values()].map(({ state }) => state.advertisement);
  const told = said.flatMap(({ channelKey, maskKey, seedCommitment, selfCommitment }) => [
    Buffer.from(channelKey).toString('hex'),
    Buffer.from(maskKey).toString('hex'),
    seedCommitment,
    selfCommitment,
  ]);
  t.is(new Set(told).size, 20);
});
