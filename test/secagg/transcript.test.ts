// What voters check: a transcript with any part changed is refused, or gives another sum than claimed.

import { openTranscript, sealMessage } from '@starling/crypto';
import { sumTranscript } from '@starling/rules';
import {
  type CborValue,
  decodeCanonical,
  encodeCanonical,
  maskedInput,
  type PayloadRef,
  type SessionTranscript,
  sessionTranscriptSchema,
  TRANSCRIPT_BYTES_MAX,
} from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { nonCanonical } from './non-canonical.ts';
import { FEDERATION, planOf } from './session-fixture.ts';
import type { OpenedSum } from './simulated-coordinator.ts';
import { SimulatedSession } from './simulated-session.ts';
import { flipped } from './tampers.ts';

const ELEMENTS = 7;

/** Five members, the last of which drops out after it shared: wraps and a seed are opened. */
const finished = (async () => {
  const silent = new Map([[4, 'shares' as const]]);
  const settings = { participants: 5, elements: ELEMENTS, ring: 32 as const, seed: 11 };
  const simulation = new SimulatedSession({ ...settings, silent });
  return { simulation, opened: (await simulation.run()) as OpenedSum };
})();

function parsed(bytes: Uint8Array): SessionTranscript {
  const decoded = decodeCanonical(bytes, TRANSCRIPT_BYTES_MAX);
  return sessionTranscriptSchema.parse(decoded.ok ? decoded.value : undefined);
}

/** No mean of these simulated updates is longer. */
const PLAN = { ...planOf(ELEMENTS), clippingNormMicros: 3_000_000 };

/** The mean that a voter gets, in text. @throws {Error} with what is wrong */
async function meanOf(transcript: Uint8Array): Promise<string> {
  const { coordinator } = (await finished).simulation;
  const sum = await sumTranscript(await coordinator.check(transcript), PLAN, vectorOf);
  if (!sum.ok) throw new Error(sum.refusal.detail);
  return JSON.stringify(sum.value);
}

async function vectorOf(_: unknown, { root }: PayloadRef): Promise<Uint8Array> {
  const { vectors } = (await finished).simulation.coordinator;
  return vectors.get(root) ?? new Uint8Array();
}

let honest: string | undefined;

/** Why a transcript is not believed; undefined when it gives the honest sum. */
async function fault(transcript: Uint8Array): Promise<string | undefined> {
  honest ??= await meanOf((await finished).opened.transcript);
  try {
    return (await meanOf(transcript)) === honest ? undefined : 'another sum';
  } catch (error) {
    return String(error);
  }
}

type Leaf = Uint8Array | string | number;
type Part = Leaf | null | readonly Part[] | { readonly [key: string]: Part };

/** Every place of a transcript at which bytes, text, a number or a list stands. */
function placesOf(
  part: Part,
  at: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (part === null || typeof part !== 'object' || part instanceof Uint8Array) return [at];
  if (Array.isArray(part)) return [at, ...part.flatMap((each, i) => placesOf(each, [...at, i]))];
  return Object.entries(part).flatMap(([key, each]) => placesOf(each, [...at, key]));
}

function partAt(part: Part, at: readonly (string | number)[]): Part {
  return at.reduce<Part>((found, key) => (found as { [key: string]: Part })[key] as Part, part);
}

function withPart(part: Part, [key, ...rest]: readonly (string | number)[], value: Part): Part {
  if (key === undefined) return value;
  const changed = withPart((part as { [key: string]: Part })[key] as Part, rest, value);
  if (Array.isArray(part)) return part.with(Number(key), changed);
  return { ...(part as object), [key]: changed } as Part;
}

/** The part with something small changed, as `choice` picks it; undefined when nothing can be. */
function spoiled(part: Part, choice: number): Part | undefined {
  if (part instanceof Uint8Array) {
    const isCut = part.byteLength === 0 || choice % 5 === 0;
    return isCut ? new Uint8Array([...part, 0]) : flipped(part, choice % part.byteLength);
  }
  if (typeof part === 'string') {
    const at = choice % part.length;
    return `${part.slice(0, at)}${part[at] === '0' ? '1' : '0'}${part.slice(at + 1)}`;
  }
  if (typeof part === 'number') return part + 1;
  if (part === null) return new Uint8Array(32);
  const list = part as readonly Part[];
  const at = choice % Math.max(1, list.length);
  if (list.length < 2) return undefined;
  const ways = [
    list.toSpliced(at, 1),
    list.toSpliced(at, 0, list[at] as Part),
    [...list.slice(at), ...list.slice(0, at)],
  ];
  const way = ways[choice % ways.length];
  return at === 0 && choice % ways.length === 2 ? list.toReversed() : way;
}

test('a transcript with any part changed is refused', async (t) => {
  const { opened } = await finished;
  t.is(await fault(opened.transcript), undefined);
  const whole = parsed(opened.transcript) as Part;
  const places = placesOf(whole);
  t.true(places.length > 60, String(places.length));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), fc.nat(), async (at, choice) => {
      const value = spoiled(partAt(whole, at), choice);
      if (value === undefined) return;
      const changed = encodeCanonical(withPart(whole, at, value) as CborValue);
      if ((await fault(changed)) === undefined) {
        throw new Error(`nobody saw the change of ${at.join('.')}`);
      }
    }),
    { numRuns: 250 },
  );
});

test('a transcript in another encoding, or with a byte more or less, is refused', async (t) => {
  const { opened, simulation } = await finished;
  const { member, publicKey } = simulation.coordinator.identity;
  const keys = {
    federation: FEDERATION,
    coordinatorKeyOf: () => publicKey,
    memberKeyOf: (each: string) =>
      simulation.members.get(each as typeof member)?.identity.publicKey,
  };
  const { transcript } = opened;
  for (const [bytes, reason] of [
    [nonCanonical(transcript), 'non-canonical-cbor'],
    [new Uint8Array([...transcript, 0]), 'malformed-cbor'],
    [transcript.slice(0, -1), 'malformed-cbor'],
    [encodeCanonical({}), 'wrong-shape'],
    [new Uint8Array(TRANSCRIPT_BYTES_MAX + 1), 'oversized'],
  ] as const) {
    const checked = await openTranscript(bytes, keys);
    t.is(checked.ok ? undefined : checked.refusal.reason, reason);
  }
});

test('a vector of another length is refused before anyone pulls it', async (t) => {
  const { opened, simulation } = await finished;
  const whole = parsed(opened.transcript);
  const { inputs } = await simulation.coordinator.check(opened.transcript);
  const [first] = inputs;
  if (first === undefined) return t.fail('no survivors');
  const { identity } = simulation.of(first.member);
  const payload = { ...first.body.payload, bytes: 512 * 1024 * 1024 };
  const body = { ...first.body, payload };
  const frame = sealMessage(identity, maskedInput, { federation: FEDERATION, body });
  const masked = [frame, ...whole.masked.slice(1)];
  t.regex((await fault(encodeCanonical({ ...whole, masked }))) ?? '', /536870912 bytes/);
});

test('a sum that is longer than any mean of clipped updates is refused', async (t) => {
  const { opened, simulation } = await finished;
  const checked = await simulation.coordinator.check(opened.transcript);
  t.true((await sumTranscript(checked, PLAN, vectorOf)).ok);
  const sum = await sumTranscript(checked, planOf(ELEMENTS), vectorOf);
  t.is(sum.ok ? undefined : sum.refusal.reason, 'norm-exceeded');
});
