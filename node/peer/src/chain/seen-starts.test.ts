import { membershipOf, type StartingVote } from '@starling/consensus';
import { createIdentity, digestOf, generateSeed } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import { chainStall, type Digest, type FederationId } from '@starling/shared';
import test from 'ava';
import type { EpochTerms } from './chain-codec.ts';
import { SeenStarts } from './seen-starts.ts';

const LIMIT = 200;
const { member, publicKey } = createIdentity(generateSeed());
const ID = digestOf(Uint8Array.of(1));

function termsOf(epoch: number, name = member): EpochTerms {
  const membership = membershipOf([{ member: name, publicKey, weight: 1 }], 1, digestOf);
  return { collection: 'documents', epoch, federation: ID as string as FederationId, membership };
}

function said(era: number, start: StartingVote | undefined = startOn(ID)) {
  return [{ voter: 0, statement: { era, start }, proof: Uint8Array.of(era) }];
}

function startOn(id: Digest): StartingVote {
  return { fromHeight: 3, ids: [id], decidedHeight: 3 };
}

function eraOf(starts: SeenStarts): number | undefined {
  const frame = starts.of(member);
  return frame === undefined ? undefined : readFrame(frame, chainStall).body.era;
}

test('the newest starting vote of a member is told, by epoch and era', (t) => {
  const starts = new SeenStarts();
  t.is(eraOf(starts), undefined);
  starts.note(said(2), termsOf(1));
  starts.note(said(0), termsOf(1));
  t.is(eraOf(starts), 2);
  starts.note([{ ...said(4)[0], statement: { era: 4, start: undefined } } as never], termsOf(1));
  starts.note([{ ...said(4)[0], voter: 7 } as never], termsOf(1));
  t.is(eraOf(starts), 2);
  starts.note(said(0), termsOf(2));
  t.is(eraOf(starts), 0);
});

test('starting votes of 200 members are remembered, the oldest goes first', (t) => {
  const starts = new SeenStarts();
  starts.note(said(0), termsOf(1));
  for (let i = 0; i < LIMIT; i++) {
    starts.note(said(0), termsOf(1, digestOf(Uint8Array.of(2, i)) as string as typeof member));
  }
  t.is(starts.of(member), undefined);
});
