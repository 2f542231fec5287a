import { digestOf, encodeBody } from '@starling/crypto';
import { defaultChainRules } from '@starling/rules';
import {
  type Digest,
  type MemberId,
  type MessageDefinition,
  type Opened,
  type PatternProposal,
  patternAttestation,
  patternProposal,
  settingApproval,
  settingProposal,
} from '@starling/shared';
import test from 'ava';
import {
  isLapsed,
  WAITING_PATTERNS_MAX,
  WAITING_PER_AUTHOR_MAX,
  WAITING_SETTINGS_MAX,
  WaitingProposals,
} from './waiting-proposals.ts';

const memberOf = (i: number) => i.toString(16).padStart(64, '0') as MemberId;

function said<T>(definition: MessageDefinition<T>, sender: MemberId, body: T): Opened<unknown> {
  const bodyBytes = encodeBody(definition, body);
  const { type } = definition;
  return { body, bodyBytes, sender, type } as unknown as Opened<unknown>;
}

const proposal = (author: MemberId, efSearch: number): PatternProposal => ({
  author,
  height: 3,
  parents: [],
  pattern: {
    centroid: new Uint8Array(8).fill(1),
    collection: 'documents',
    cost: 100,
    efSearch,
    expectedRecallMicros: 900_000,
    k: 10,
    queries: 80,
    radius: 500,
  },
  supersedes: [],
});

const attestation = (of: Digest, verdict: 'accept' | 'reject') => ({
  collection: 'documents',
  costRatioMicros: 1,
  proposal: of,
  queries: 70,
  recallBoundMicros: 1,
  recallMicros: 2,
  verdict,
});

const idOf = (body: PatternProposal) => digestOf(encodeBody(patternProposal, body));

test('the first word of a member about a proposal stands, and nobody speaks for another', (t) => {
  const waiting = new WaitingProposals();
  const [author, other] = [memberOf(1), memberOf(2)];
  const body = proposal(author, 20);
  waiting.hear(said(patternProposal, other, body));
  t.is(waiting.patterns.length, 0, 'the author signs it');
  waiting.hear(said(patternAttestation, other, attestation(idOf(body), 'accept')));
  waiting.hear(said(patternProposal, author, body));
  waiting.hear(said(patternAttestation, other, attestation(idOf(body), 'accept')));
  waiting.hear(said(patternAttestation, other, attestation(idOf(body), 'reject')));
  const [pattern] = waiting.patterns;
  t.is(pattern?.id, idOf(body));
  t.deepEqual(
    [...(pattern?.attestations.values() ?? [])].map(({ verdict }) => verdict),
    ['accept'],
  );
});

test('proposals of one author and of all are held up to their limits, the newest', (t) => {
  const waiting = new WaitingProposals();
  for (let i = 0; i < WAITING_PER_AUTHOR_MAX + 3; i++) {
    waiting.hear(said(patternProposal, memberOf(1), proposal(memberOf(1), 20 + i)));
  }
  t.is(waiting.patterns.length, WAITING_PER_AUTHOR_MAX);
  t.is(waiting.patterns[0]?.proposal.pattern.efSearch, 23);
  for (let author = 2; author < WAITING_PATTERNS_MAX; author++) {
    for (const ef of [20, 21]) {
      waiting.hear(said(patternProposal, memberOf(author), proposal(memberOf(author), ef)));
    }
  }
  t.is(waiting.patterns.length, WAITING_PATTERNS_MAX);
  for (let i = 1; i <= WAITING_SETTINGS_MAX + 5; i++) {
    const body = { author: memberOf(i), base: 0, collection: 'documents', name: 'a', value: '1' };
    waiting.hear(said(settingProposal, memberOf(i), body));
  }
  t.is(waiting.settings.length, WAITING_SETTINGS_MAX);
  const [setting] = waiting.settings;
  const approval = {
    collection: 'documents',
    proposal: setting?.id ?? idOf(proposal(memberOf(1), 1)),
  };
  for (const i of [7, 8, 7]) waiting.hear(said(settingApproval, memberOf(i), approval));
  t.is(setting?.approvals.size, 2);
});

test('a proposal has lapsed once the heights that the rules give it have gone by', (t) => {
  const rules = defaultChainRules({ encoder: { buckets: 64, dimension: 8 } });
  const at = (height: number) => {
    const id = idOf(proposal(memberOf(1), 20));
    return { rules, tip: { height, id, leader: 0, parent: id, parentView: 0, view: 1 } };
  };
  t.false(isLapsed({ height: 3 }, at(2)), 'its author was ahead');
  t.false(isLapsed({ height: 3 }, at(3 + rules.expiryHeights - 1)));
  t.true(isLapsed({ height: 3 }, at(3 + rules.expiryHeights)));
});
