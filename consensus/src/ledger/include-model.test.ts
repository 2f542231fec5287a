import type { Digest, ModelEntry } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { type ChainState, MODELS_KEPT, nextEpoch } from './chain-state.ts';
import { inclusionObjection } from './inclusion.ts';
import {
  extended,
  hex,
  membershipEntry,
  modelDigest,
  modelEntry,
  newChain,
  TOY_RULES,
} from './ledger-fixture.ts';

const chain = newChain(4);
const two = extended(chain, modelEntry(chain, 0), modelEntry(chain, 1));

function refusedAs(
  t: ExecutionContext,
  state: ChainState,
  entry: ModelEntry,
  reason: string | undefined,
): void {
  t.is(inclusionObjection(entry, state, TOY_RULES)?.reason as string | undefined, reason);
}

test('a version that a quorum voted for is included once', (t) => {
  refusedAs(t, two, modelEntry(two, 2), undefined);
  refusedAs(t, two, modelEntry(two, 1), 'duplicate');
  t.like(two.models.get('encoder/1')?.record, { digest: modelDigest(2), version: 2 });
});

test('a second model on the same base is refused, whoever voted for it', (t) => {
  refusedAs(t, two, modelEntry(two, 1, { digest: hex(5) as Digest }), 'conflict');
});

test('a version stands on the one before and under the one after, where these are known', (t) => {
  refusedAs(t, two, modelEntry(two, 2, { base: hex(5) as Digest }), 'conflict');
  const later = extended(chain, modelEntry(chain, 4));
  refusedAs(t, later, modelEntry(later, 3), undefined);
  refusedAs(t, later, modelEntry(later, 3, { digest: hex(5) as Digest }), 'conflict');
});

test('the version is one above its base, and the one that was voted for', (t) => {
  refusedAs(t, two, modelEntry(two, 2, { version: 4 }), 'wrong-shape');
  refusedAs(t, two, { ...modelEntry(two, 2), version: 2 }, 'wrong-shape');
  refusedAs(t, two, { ...modelEntry(two, 2), baseVersion: 3, version: 4 }, 'wrong-shape');
});

test('a certificate of too few, of strangers, with a forged vote or about nothing is refused', (t) => {
  refusedAs(t, two, modelEntry(two, 2, { signers: [0, 1] }), 'too-few');
  refusedAs(t, two, modelEntry(two, 2, { signers: [0, 1, 9] }), 'bad-signature');
  refusedAs(t, two, modelEntry(two, 2, { signers: [0, 0, 1] }), 'bad-signature');
  const entry = modelEntry(two, 2);
  const forged = entry.certificate.signatures.map((each, i) =>
    i === 3 ? { ...each, signature: Uint8Array.of(9) } : each,
  );
  const certificate = { ...entry.certificate, signatures: forged };
  refusedAs(t, two, { ...entry, certificate }, 'bad-signature');
  const empty = { ...entry.certificate, body: Uint8Array.of(0xa0) };
  refusedAs(t, two, { ...entry, certificate: empty }, 'wrong-shape');
  const cut = { ...entry.certificate, body: entry.certificate.body.subarray(1) };
  t.is(inclusionObjection({ ...entry, certificate: cut }, two, TOY_RULES)?.kind, 'reject');
});

test('votes of the epoch before still count, those of an earlier one no longer', (t) => {
  const first = two.membership.digest;
  const second = nextEpoch(extended(two, membershipEntry(2, [1, 2, 3, 4]))) ?? two;
  const old = { membership: first, signers: [0, 1, 2] };
  refusedAs(t, second, modelEntry(second, 2, old), undefined);
  refusedAs(t, second, modelEntry(second, 2, { signers: [0, 1, 2] }), 'bad-signature');
  const third = nextEpoch(extended(second, membershipEntry(3, [1, 2, 3]))) ?? second;
  refusedAs(t, third, modelEntry(third, 2, old), 'stale-epoch');
});

test('the newest MODELS_KEPT versions are remembered, and nothing goes below them', (t) => {
  let state = chain;
  for (let base = 0; base < MODELS_KEPT; base += 64) {
    state = extended(state, ...Array.from({ length: 64 }, (_, i) => modelEntry(state, base + i)));
  }
  t.is(state.models.size, MODELS_KEPT);
  t.is(state.modelFloor, 0);
  state = extended(state, modelEntry(state, MODELS_KEPT));
  t.is(state.models.size, MODELS_KEPT);
  t.is(state.modelFloor, 1);
  t.false(state.models.has('encoder/0'));
  refusedAs(t, state, modelEntry(state, 0), 'stale-round');
});
