// The ledger rebuilds the bytes that members signed; with real keys and digests these must be the
// bytes that they did sign.

import {
  applyBlock,
  type BlockRules,
  buildBlock,
  type ChainState,
  claimsOf,
  claimsOfCertificate,
  evidenceKindOf,
  finalRunObjection,
  openChain,
  type SignedClaim,
} from '@starling/consensus';
import {
  bodyDigest,
  createIdentity,
  digestOf,
  encodeBody,
  type Identity,
  openMessage,
  sealMessage,
  signStatement,
  verifyStatement,
} from '@starling/crypto';
import { defaultChainRules } from '@starling/rules';
import {
  type ChainBlock,
  type ChainEntry,
  type Checked,
  chainBlock,
  chainGenesis,
  chainVote,
  type Digest,
  type FederationId,
  MESSAGES,
  modelVote,
  type PatternAttestation,
  type PatternProposal,
  patternAttestation,
  patternProposal,
  settingApproval,
  settingProposal,
} from '@starling/shared';
import test from 'ava';

const federation = 'fe'.repeat(32) as FederationId;
const hex = (digit: string) => digit.repeat(64) as Digest;
const members = [1, 2, 3, 4]
  .map((fill) => createIdentity(new Uint8Array(32).fill(fill)))
  .sort((a, b) => (a.member < b.member ? -1 : 1));
const [leader] = members as [Identity];
const keyOf = (sender: string) => members.find(({ member }) => member === sender)?.publicKey;

function isSigned({ body, member, signature, type }: SignedClaim): boolean {
  const [definition, publicKey] = [MESSAGES.get(type), keyOf(member)];
  if (definition === undefined || publicKey === undefined) return false;
  const parts = { bodyBytes: body, federation, publicKey, sender: member, signature };
  return verifyStatement(definition, parts);
}

const rules: BlockRules = {
  digestOf,
  isSigned,
  openRoster: () => {
    throw new Error('no members change here');
  },
};

function granted<T>(result: Checked<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.refusal.reason}: ${result.refusal.detail}`);
}

function opened(): ChainState {
  const genesis = {
    collection: 'documents',
    roster: hex('9'),
    rules: defaultChainRules({ encoder: { buckets: 64, dimension: 4 } }),
    weights: [],
  };
  const peers = members.map(({ member, publicKey }) => ({ formerly: null, member, publicKey }));
  const id = bodyDigest(chainGenesis, genesis);
  const roster = { digest: genesis.roster, peers, seq: 1 };
  return granted(openChain({ genesis, id, roster }, digestOf));
}

const proposal: PatternProposal = {
  author: leader.member,
  height: 0,
  parents: [],
  pattern: {
    centroid: Uint8Array.of(127, 0, 129, 255),
    collection: 'documents',
    cost: 900,
    efSearch: 64,
    expectedRecallMicros: 950_000,
    k: 10,
    queries: 80,
    radius: 1500,
  },
  supersedes: [],
};
const setting = {
  author: leader.member,
  base: 0,
  collection: 'documents',
  name: 'topology',
  value: 'ring',
};

/** The signature in a frame that a member sealed, as anyone who opened it keeps it. */
function sealed<T>(identity: Identity, definition: Parameters<typeof sealMessage<T>>[1], body: T) {
  const frame = sealMessage(identity, definition, { body, federation });
  return granted(openMessage(frame, definition, { federation, keyOf, nowMs: 0 }));
}

function entriesOn(state: ChainState): readonly ChainEntry[] {
  const said: PatternAttestation = {
    collection: 'documents',
    costRatioMicros: 1_000_000,
    proposal: bodyDigest(patternProposal, proposal),
    queries: 60,
    recallBoundMicros: 940_000,
    recallMicros: 960_000,
    verdict: 'accept',
  };
  const attestations = members.map((identity) => {
    const { body, sender, signature } = sealed(identity, patternAttestation, said);
    const { collection: _collection, proposal: _proposal, ...measured } = body;
    return { ...measured, member: sender, signature };
  });
  const approval = {
    collection: 'documents',
    proposal: bodyDigest(settingProposal, setting),
  };
  const approvals = members.map((identity) => {
    const { sender, signature } = sealed(identity, settingApproval, approval);
    return { member: sender, signature };
  });
  const vote = {
    base: hex('b'),
    model: hex('d'),
    plan: hex('c'),
    round: 1,
    updates: hex('f'),
    version: 1,
  };
  const signatures = members.map((identity) => {
    const { sender, signature } = sealed(identity, modelVote, vote);
    return { member: sender, signature };
  });
  const { signature } = sealed(leader, patternProposal, proposal);
  return [
    { attestations, kind: 'pattern', proposal, signature },
    {
      baseVersion: 0,
      certificate: { body: encodeBody(modelVote, vote), signatures },
      kind: 'model',
      membership: state.membership.digest,
      model: 'encoder',
      version: 1,
    },
    {
      approvals,
      kind: 'setting',
      proposal: setting,
      signature: sealed(leader, settingProposal, setting).signature,
    },
  ];
}

const state = opened();
const block = granted(
  buildBlock(state, { entries: entriesOn(state), leader: leader.member, view: 1 }, rules),
);

test('what members sealed is what the ledger claims that they signed', (t) => {
  const claims = claimsOf(block, digestOf);
  t.is(claims.length, 14);
  for (const claim of claims) t.true(isSigned(claim), `${claim.type} of ${claim.member}`);
  const behind = granted(applyBlock(state, block, rules));
  t.true(behind.patterns.has(bodyDigest(patternProposal, proposal)));
  t.is(behind.tip.id, bodyDigest(chainBlock, block));
});

test('a signature under another federation or of another statement refuses the block', (t) => {
  const frame = sealMessage(leader, patternProposal, {
    body: proposal,
    federation: 'fa'.repeat(32) as FederationId,
  });
  const elsewhere = granted(
    openMessage(frame, patternProposal, {
      federation: 'fa'.repeat(32) as FederationId,
      keyOf,
      nowMs: 0,
    }),
  );
  const [pattern, ...others] = block.entries;
  if (pattern?.kind !== 'pattern') return t.fail();
  const swapped = [
    { ...pattern, signature: elsewhere.signature },
    { ...pattern, signature: pattern.attestations[0]?.signature ?? new Uint8Array(0) },
  ];
  for (const entry of swapped) {
    const verdict = applyBlock(state, { ...block, entries: [entry, ...others] }, rules);
    t.like(verdict, { ok: false, refusal: { kind: 'reject', reason: 'bad-signature' } });
  }
});

test('the votes of a quorum finalise a block for whoever knows the members', (t) => {
  const id = bodyDigest(chainBlock, block);
  const vote = {
    block: id,
    collection: 'documents',
    epoch: 1,
    kind: 'finalize' as const,
    view: 1,
  };
  const proofs = members.slice(0, 3).map((identity, voter) => {
    const signature = signStatement(identity, chainVote, federation, encodeBody(chainVote, vote));
    return { signature, voter };
  });
  const certificate = { proofs, vote };
  t.true(claimsOfCertificate(certificate, state.membership).every(isSigned));
  t.is(finalRunObjection({ blocks: [block], certificate }, state, rules), undefined);
  const few = { ...certificate, proofs: proofs.slice(1) };
  t.is(finalRunObjection({ blocks: [block], certificate: few }, state, rules)?.reason, 'too-few');
});

test('two sealed statements that contradict each other convince a third party', (t) => {
  const vote = (name: Digest) => ({
    block: name,
    collection: 'documents',
    epoch: 1,
    kind: 'notarize' as const,
    view: 1,
  });
  const [first, second] = [hex('1'), hex('2')].map((name) => sealed(leader, chainVote, vote(name)));
  if (first === undefined || second === undefined) return t.fail();
  t.is(evidenceKindOf(first, second), 'conflicting-notarize');
  const other: ChainBlock = { ...block, entries: [], stateRoot: hex('0') };
  const proposals = [block, other].map((each) => sealed(leader, chainBlock, each));
  const [one, two] = proposals;
  if (one === undefined || two === undefined) return t.fail();
  t.is(evidenceKindOf(one, two), 'conflicting-proposal');
});
