import type { ConsensusView, PatternsView } from '@starling/runtime';
import test from 'ava';
import {
  describeChain,
  describeFinality,
  listDecisions,
  listEvidence,
  listSettings,
} from './chain-text.ts';
import { describeLearning, describePattern, listPatterns } from './pattern-text.ts';

type Pattern = PatternsView['patterns'][number];
const member = (digit: string) => digit.repeat(64) as Pattern['author'];
const digest = (digit: string) => digit.repeat(64) as Pattern['id'];

const NORTH = member('a');
const SOUTH = member('b');
const EAST = member('c');
const SITES = { [NORTH]: 'north', [SOUTH]: 'south' };

const DECISION: ConsensusView['decisions'][number] = {
  height: 4,
  epoch: 1,
  view: 6,
  block: digest('d'),
  stateRoot: digest('e'),
  decidedAtMs: 0,
  undecidedMs: 812.4,
  finality: 'certificate',
  polled: null,
  poll: { asked: [SOUTH], finalised: true, k: 3, preferred: [digest('f')], rounds: 21 },
  signers: [NORTH, SOUTH],
  certificateBytes: 6_700,
  trailing: 0,
  entries: [{ kind: 'model', id: digest('1'), summary: 'model encoder 3 on 2' }],
};

const VIEW: ConsensusView = {
  status: {
    collection: 'documents',
    engine: 'simplex',
    standing: 'voter',
    detail: 'it votes',
    epoch: 1,
    members: [NORTH, SOUTH, EAST],
    quorum: 2,
    tolerance: 'three members: one crash and no liar',
    height: 4,
    block: digest('d'),
    stateRoot: digest('e'),
    view: 7,
    leader: EAST,
    isUndecided: true,
    pool: { pattern: 2, model: 0 },
    poll: DECISION.poll,
    contradicted: [EAST],
  },
  decisions: [DECISION],
  evidence: [
    {
      id: digest('9'),
      member: EAST,
      kind: 'two-notarize',
      epoch: 1,
      era: null,
      view: 5,
      recordedAtMs: 0,
    },
  ],
  settings: [
    {
      id: digest('8'),
      name: 'poll.k',
      value: '20',
      status: 'proposed',
      author: NORTH,
      height: null,
      approvals: [NORTH, SOUTH],
    },
  ],
  away: [SOUTH],
  sites: SITES,
};

const PATTERN: Pattern = {
  id: digest('2'),
  author: SOUTH,
  status: 'final',
  efSearch: 24,
  k: 10,
  queries: 180,
  expectedRecallMicros: 970_000,
  boundMicros: 955_000,
  cost: 310,
  radius: 9_000,
  verdicts: { accepts: 2, rejects: 0, abstains: 1 },
  attestations: [
    {
      member: NORTH,
      verdict: 'accept',
      queries: 61,
      recallMicros: 981_000,
      recallBoundMicros: 955_000,
      costRatioMicros: 640_000,
    },
    {
      member: EAST,
      verdict: 'abstain',
      queries: 12,
      recallMicros: 0,
      recallBoundMicros: 0,
      costRatioMicros: 0,
    },
  ],
  decision: DECISION,
  parents: [],
  supersedes: [],
  supersededBy: null,
  veto: null,
  isUsed: true,
};

test('the status says what is tolerated, who leads and what waits for whom', (t) => {
  const text = describeChain(VIEW);
  t.regex(text, /tolerates {4}three members: one crash and no liar/);
  t.regex(text, /members {6}3: north, south, cccccccccccccccc; 2 votes decide/);
  t.regex(text, /undecided {4}2 pattern; polled 21 rounds of 3, south answered/);
  t.regex(text, /contradicted cccccccccccccccc/);
  t.regex(text, /no channel {3}to south/);
  const twin = { ...VIEW.status, detail: '', standing: 'twin' } as const;
  t.regex(describeChain({ ...VIEW, status: twin }), /twin: another process votes under its key/);
  const idle = { ...VIEW.status, isUndecided: false, pool: {}, poll: null };
  t.regex(describeChain({ ...VIEW, status: idle }), /undecided {4}nothing$/m);
});

test('decisions say what is in a block, who signed and how long it took', (t) => {
  const text = listDecisions(VIEW);
  t.regex(text, /4 +1 +6 +d{16} +certificate, polled +2 +6700 +812 +model encoder 3 on 2/);
  t.regex(text, /signers: at the last one north, south/);
  t.is(listDecisions({ ...VIEW, decisions: [] }), 'nothing is decided yet');
  const many = Array.from({ length: 33 }, () => DECISION);
  t.regex(listDecisions({ ...VIEW, decisions: many }), /^3 before these: --format json shows all/);
});

test('evidence names who did what in which view, and none is said plainly', (t) => {
  t.regex(listEvidence(VIEW), /9{16} +c{16} +two-notarize +1 +5/);
  t.regex(listEvidence({ ...VIEW, evidence: [] }), /^no member is known to have contradicted/);
});

test('settings say who agreed so far, or since which height they are in force', (t) => {
  t.regex(listSettings(VIEW), /8{16} +poll\.k +20 +proposed +– +north, south/);
  t.is(listSettings({ ...VIEW, settings: [] }), 'no setting is proposed or in force');
});

test('how something became final names signers, bytes and poll', (t) => {
  const text = describeFinality(DECISION, SITES);
  t.regex(text, /at height 4 by certificate, polled: signed by north, south, 6700 bytes/);
  t.regex(text, /polled 21 rounds of 3 before the block/);
  const metastable = { finality: 'metastable', polled: { k: 5, polls: 12 } } as const;
  const bare = { certificateBytes: 0, poll: null, signers: [] };
  t.is(
    describeFinality({ ...DECISION, ...bare, ...metastable }, SITES),
    'at height 4 by 12 polls of 5 (metastable): no signature of its own, those of a later block stand for it',
  );
  const plain = describeFinality({ ...DECISION, poll: null }, SITES);
  t.is(plain, 'at height 4 by certificate: signed by north, south, 6700 bytes');
});

test('a pattern shows what it asks, who measured what, and why it is not used', (t) => {
  const text = describePattern(PATTERN, SITES);
  t.regex(text, /measured {5}2 accept, 0 reject, 1 abstain/);
  t.regex(text, /by {11}south, learned from 180 queries/);
  t.regex(text, /recall {7}at least 0\.970 as proposed, 0\.955 certified/);
  t.regex(text, /north +accept +61 +0\.981 +0\.955 +0\.640/);
  t.regex(text, /c{16} +abstain +12 +– +– +–/);
  const veto = { by: 'operator', reason: 'too slow here', sinceMs: 0 } as const;
  const vetoed = describePattern({ ...PATTERN, veto, isUsed: false }, SITES);
  t.regex(vetoed, /status {7}final, vetoed at this site/);
  t.regex(vetoed, /veto {9}by operator: too slow here \(1970/);
  const waiting = { ...PATTERN, status: 'proposed', decision: null, boundMicros: null } as const;
  t.regex(describePattern(waiting, SITES), /decided {6}not yet/);
});

test('the list has one line per pattern, and an empty one says how patterns come', (t) => {
  const text = listPatterns({ patterns: [PATTERN], sites: SITES });
  t.regex(text, /2{16} +final +4 +0\.955 +10 +24 +180 +2 +0 +1 +south +yes/);
  t.regex(listPatterns({ patterns: [], sites: SITES }), /no pattern is known/);
});

test('learning says how many patterns came of it, and why not more', (t) => {
  const reasons = ['2 would not make searches here cheaper'];
  const text = describeLearning({ queries: 900, learned: 3, proposed: [digest('7')], reasons });
  t.is(
    text,
    [
      '900 queries gave 3 patterns, 1 proposed',
      `  ${digest('7')}`,
      '  2 would not make searches here cheaper',
    ].join('\n'),
  );
});
