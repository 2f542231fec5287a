import type { CoordinatorStatus } from '@starling/coordinator';
import { type Digest, digestSchema, federationIdSchema, memberIdSchema } from '@starling/shared';
import test from 'ava';
import { buildReport } from './demo-report.ts';

const NORTH = memberIdSchema.parse('a'.repeat(64));
const SOUTH = memberIdSchema.parse('b'.repeat(64));

test('averages are over the sites that reached every stage', (t) => {
  const { average, sites } = report();
  t.deepEqual(average.before, { recallAt10: 0.25, mrr: 0.125 });
  t.deepEqual(average.pooled, { recallAt10: 0.75, mrr: 0.5 });
  t.is(sites[1]?.federated, null);
  t.deepEqual(
    sites.map(({ name, queries }) => [name, queries]),
    [
      ['north', 4],
      ['south', 4],
    ],
  );
});

test('counts of all processes are added by kind, refusals by reason', (t) => {
  const { bytes, messages } = report();
  t.deepEqual(bytes, { 'gossip:site': 30, 'gossip:vote': 5 });
  t.deepEqual(messages, { signed: 3, verified: 6, refused: { late: 2 } });
});

test('the missing and the dead are named by their sites', (t) => {
  const { died, missing } = report();
  t.deepEqual(died, ['south']);
  const why = 'failed at step 2';
  t.deepEqual(missing, [{ round: 1, site: 'south', reason: 'declined', why }]);
});

function report() {
  const sent = 'starling_bus_sent_bytes_total';
  const judged = 'starling_peer_messages_total';
  return buildReport({
    isResumed: false,
    seed: 1,
    corpus: { source: 'x', sites: [], digest: 'd' },
    status: status(),
    ledger: {
      balances: [],
      signaturesVerified: 0,
      problems: [],
    },
    samples: [
      { name: sent, labels: { kind: 'gossip:site' }, value: 10 },
      { name: sent, labels: { kind: 'gossip:vote' }, value: 5 },
      { name: sent, labels: { kind: 'gossip:site' }, value: 20 },
      { name: 'starling_crypto_signatures_total', labels: { context: 'a' }, value: 3 },
      { name: judged, labels: { outcome: 'accepted' }, value: 6 },
      { name: judged, labels: { outcome: 'late' }, value: 2 },
    ],
    pooled: new Map([['north', { recallAt10: 0.75, mrr: 0.5 }]]),
    phases: [],
    died: ['south'],
    chains: [],
    learning: [],
  });
}

function status(): CoordinatorStatus {
  const digest: Digest = digestSchema.parse('c'.repeat(64));
  const seen = {
    state: 'configured',
    lastContactMs: null,
    report: null,
    reportedAtMs: null,
  } as const;
  const member = { ...seen, connected: true, registered: true, ready: true, examplesRounded: 0 };
  const measured = (stage: 'before' | 'alone' | 'federated') => ({
    epochs: 0,
    mrrMicros: 125_000,
    queries: 4,
    recallAt10Micros: 250_000,
    stage,
    version: 0,
  });
  const all = [measured('before'), measured('alone'), measured('federated')];
  return {
    name: 'flock',
    federation: federationIdSchema.parse('d'.repeat(64)),
    coordinator: NORTH,
    addresses: [],
    waitingFor: '',
    app: null,
    pinned: null,
    roundsPlanned: 1,
    stopped: null,
    roundsDone: 1,
    finished: true,
    version: 1,
    model: digest,
    roster: { seq: 1, epoch: 1, notAfterMs: 0, expired: false, proposal: null },
    members: [
      { ...member, member: NORTH, site: 'north', balance: '1', evaluations: all },
      { ...member, member: SOUTH, site: 'south', balance: '1', evaluations: all.slice(0, 2) },
    ],
    rounds: [
      {
        round: 1,
        phase: 'final',
        updates: [NORTH],
        commitments: [],
        votes: [NORTH],
        missing: [{ member: SOUTH, reason: 'declined' }],
        coverage: { members: 1, cohort: 2, examples: 10, registeredExamples: 20 },
        withdrawals: [{ member: SOUTH, reason: 'failed', step: 2, text: 'failed at step 2' }],
        failure: null,
        examples: 1,
        lossFirstMicros: 1,
        lossLastMicros: 1,
        openedAtMs: 0,
        masked: null,
        closedAtMs: 1,
      },
    ],
    events: 1,
  };
}
