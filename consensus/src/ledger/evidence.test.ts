import {
  type CborValue,
  type ChainBlock,
  chainBlock,
  chainOpening,
  chainStall,
  chainVote,
  encodeCanonical,
  type FederationId,
  type MessageDefinition,
  patternAttestation,
  settingApproval,
} from '@starling/shared';
import test from 'ava';
import { type EvidenceKind, evidenceKindOf, evidenceObjection } from './evidence.ts';
import {
  blockOn,
  hex,
  measurementFor,
  memberOf,
  newChain,
  settingEntry,
} from './ledger-fixture.ts';

const chain = newChain(4);
const federation = hex(0xfe) as FederationId;

function said(definition: MessageDefinition<never>, body: unknown, sender = memberOf(0)) {
  const bodyBytes = encodeCanonical(body as CborValue);
  return { body, bodyBytes, federation, sender, type: definition.type };
}

const vote = (kind: string, block: number | null, change: object = {}) =>
  said(chainVote as MessageDefinition<never>, {
    block: block === null ? null : hex(block),
    collection: 'documents',
    epoch: 1,
    kind,
    view: 7,
    ...change,
  });
const attest = (verdict: 'accept' | 'reject', change: object = {}) =>
  said(patternAttestation as MessageDefinition<never>, {
    ...measurementFor(verdict, 900_000),
    collection: 'documents',
    proposal: hex(3),
    ...change,
  });
const propose = (block: ChainBlock) => said(chainBlock as MessageDefinition<never>, block);
const stall = (decidedHeight: number | null, change: object = {}) =>
  said(chainStall as MessageDefinition<never>, {
    collection: 'documents',
    epoch: 1,
    era: 2,
    start:
      decidedHeight === null
        ? null
        : { chain: new Uint8Array(64), decidedHeight, fromHeight: decidedHeight },
    ...change,
  });
const opening = (height: number, view = 7) =>
  said(chainOpening as MessageDefinition<never>, {
    collection: 'documents',
    epoch: 1,
    height,
    leader: memberOf(0),
    parent: hex(0),
    parentView: 1,
    starts: [],
    view,
  });
const block = blockOn(chain, []);
const other = blockOn(chain, [settingEntry(chain)]);

type Pair = readonly [ReturnType<typeof said>, ReturnType<typeof said>];
const guilty: readonly (readonly [string, EvidenceKind, Pair])[] = [
  [
    'two notarize votes in one view',
    'conflicting-notarize',
    [vote('notarize', 1), vote('notarize', 2)],
  ],
  [
    'two finalize votes in one view',
    'conflicting-finalize',
    [vote('finalize', 1), vote('finalize', 2)],
  ],
  [
    'a finalize and a nullify vote in one view',
    'nullify-finalize',
    [vote('finalize', 1), vote('nullify', null)],
  ],
  ['two verdicts about one pattern', 'conflicting-attest', [attest('accept'), attest('reject')]],
  ['two blocks in one view', 'conflicting-proposal', [propose(block), propose(other)]],
  ['two openings in one view', 'conflicting-proposal', [opening(1), opening(2)]],
  ['two starting votes in one era', 'conflicting-start', [stall(3), stall(4)]],
];
for (const [title, kind, [first, second]] of guilty) {
  test(`${title} are evidence, in either order`, (t) => {
    t.is(evidenceKindOf(first, second), kind);
    t.is(evidenceKindOf(second, first), kind);
    t.is(evidenceObjection(first, second), undefined);
  });
}

const innocent: readonly (readonly [string, Pair])[] = [
  ['a vote and the same vote', [vote('notarize', 1), vote('notarize', 1)]],
  ['a notarize and a finalize vote', [vote('notarize', 1), vote('finalize', 1)]],
  ['a notarize and a nullify vote', [vote('notarize', 1), vote('nullify', null)]],
  ['votes of two views', [vote('notarize', 1), vote('notarize', 2, { view: 8 })]],
  ['votes of two epochs', [vote('finalize', 1), vote('nullify', null, { epoch: 2 })]],
  ['votes of two chains', [vote('notarize', 1), vote('notarize', 2, { collection: 'images' })]],
  ['verdicts about two patterns', [attest('accept'), attest('reject', { proposal: hex(4) })]],
  ['one verdict with other numbers', [attest('accept'), attest('accept', { queries: 70 })]],
  ['one block twice', [propose(block), propose(block)]],
  ['blocks of two views', [propose(block), propose({ ...other, view: 2 })]],
  ['openings of two views', [opening(1), opening(2, 8)]],
  ['one starting vote twice', [stall(3), stall(3)]],
  ['starting votes of two eras', [stall(3), stall(4, { era: 4 })]],
  ['starting votes of two epochs', [stall(3), stall(4, { epoch: 2 })]],
  ['being stuck and a starting vote', [stall(null), stall(4)]],
  ['a vote and a block', [vote('notarize', 1), propose(block)]],
  ['a body of another shape', [vote('notarize', 1), vote('notarize', 2, { view: 0 })]],
  [
    'statements of which no two contradict each other',
    [1, 2].map((i) =>
      said(settingApproval as MessageDefinition<never>, {
        collection: 'documents',
        proposal: hex(i),
      }),
    ) as unknown as Pair,
  ],
];
for (const [title, [first, second]] of innocent) {
  test(`${title}: no evidence`, (t) => {
    t.is(evidenceKindOf(first, second), undefined);
    t.is(evidenceObjection(first, second)?.reason, 'wrong-shape');
  });
}

test('statements of two members or two federations prove nothing', (t) => {
  const [first, second] = [vote('notarize', 1), vote('notarize', 2)];
  const stranger = { ...second, sender: memberOf(1) };
  t.is(evidenceObjection(first, stranger)?.reason, 'wrong-shape');
  t.is(evidenceKindOf(first, stranger), undefined);
  t.is(evidenceKindOf(first, { ...second, federation: hex(1) as FederationId }), undefined);
});
