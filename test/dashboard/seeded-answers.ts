// Answers of the operator API for a federation of any size; the same for the same size.

import type { MemberView, RoundView } from '@starling/runtime';
import type { SiteReport } from '@starling/shared';

export interface Size {
  readonly sites: number;
  readonly rounds: number;
}

export interface Answers {
  readonly rounds: readonly RoundView[];
  readonly members: readonly MemberView[];
  /** JSON of a question; undefined for one that is not known. */
  answer(path: string, query: URLSearchParams): string | undefined;
}

/** When everything began, in milliseconds since 1970. */
export const BEGAN_MS = Date.UTC(2026, 10, 27, 8);
const ROUND_MS = 60_000;
const PHASES = ['training', 'sharing', 'masking', 'signing', 'unmasking', 'voting'] as const;
/** Links of each node, as gossip keeps them. */
const DEGREE = 6;

export function answersOf({ rounds: count, sites }: Size): Answers {
  const members = Array.from({ length: sites }, (_, at) => memberAt(at, count));
  const rounds = Array.from({ length: count }, (_, i) => roundAt(count - i, members));
  const parts: Readonly<Record<string, () => unknown>> = {
    '/status': () => statusOf(members, count),
    '/members': () => ({ members }),
    '/versions': () => ({ pinned: null, versions: rounds.map(versionOf) }),
    '/evaluations': () => evaluationsOf(members, count),
    '/patterns': () => ({ patterns: members.slice(0, 20).map((_, at) => patternAt(at, members)) }),
    '/mesh': () => meshOf(members),
    '/ledger/balances': () => ({ balances: members.map(balanceOf) }),
    '/ledger/verification': () => ({ events: 9, problems: [], signaturesVerified: 754 }),
  };
  return {
    members,
    rounds,
    answer: (path, query) => {
      const limit = Number(query.get('limit') ?? 20);
      const before = Number(query.get('before') ?? Number.POSITIVE_INFINITY);
      if (path === '/rounds') {
        const page = rounds.filter(({ round }) => round < before).slice(0, limit);
        return JSON.stringify({ rounds: page });
      }
      if (path === '/ledger/history') {
        const entries = rounds.map((round) => entryOf(round, members));
        const page = entries.filter(({ seq }) => seq < before).slice(0, limit);
        return JSON.stringify({ entries: page });
      }
      const part = parts[path]?.();
      return part === undefined ? undefined : JSON.stringify(part);
    },
  };
}

function idOf(at: number): MemberView['member'] {
  return `${at}`.padStart(64, 'a') as MemberView['member'];
}

function memberAt(at: number, version: number): MemberView {
  const state = (['configured', 'training', 'configured', 'registered', 'offline'] as const)[
    at % 5
  ];
  return {
    balance: String(100 + at),
    connected: state !== 'offline',
    evaluations: [
      {
        epochs: 0,
        mrrMicros: 400_000,
        queries: 200,
        recallAt10Micros: 700_000 + at * 100,
        stage: 'federated',
        version,
      },
    ],
    examplesRounded: 1_000 + 10 * at,
    lastContactMs: state === 'offline' ? BEGAN_MS + at * 1_000 : BEGAN_MS,
    member: idOf(at),
    ready: state === 'configured' || state === 'training',
    registered: state !== 'offline',
    report: state === 'offline' ? null : reportOf(at, version),
    reportedAtMs: BEGAN_MS,
    site: `site-${at + 1}`,
    state: state ?? 'offline',
  };
}

function roundAt(round: number, members: readonly MemberView[]): RoundView {
  const openedAtMs = BEGAN_MS + (round - 1) * ROUND_MS;
  const ids = members.map(({ member }) => member);
  const fromMs = (at: number) => openedAtMs + ([0, 24, 28, 34, 38, 44][at] ?? 0) * 1_000;
  return {
    closedAtMs: openedAtMs + 50_000,
    commitments: [],
    coverage: {
      cohort: ids.length,
      examples: 1_000 * (ids.length - 1),
      members: ids.length - 1,
      registeredExamples: 1_000 * ids.length,
    },
    examples: 1_000 * (ids.length - 1),
    failure: null,
    lossFirstMicros: Math.round(900_000 / Math.sqrt(round)),
    lossLastMicros: Math.round(850_000 / Math.sqrt(round)),
    masked: null,
    missing: ids.slice(0, 1).map((member) => ({ member, reason: 'timeout' as const })),
    openedAtMs,
    phase: 'final',
    phases: PHASES.map((phase, at) => ({
      phase,
      fromMs: fromMs(at),
      untilMs: at === PHASES.length - 1 ? openedAtMs + 50_000 : fromMs(at + 1),
    })),
    round,
    selection: `${ids.length} of ${ids.length}: all that were ready`,
    updates: ids.slice(1),
    votes: ids.slice(1),
    withdrawals: [],
  };
}

function statusOf(members: readonly MemberView[], rounds: number) {
  return {
    addresses: ['/ip4/127.0.0.1/tcp/4600'],
    app: null,
    coordinator: 'c'.repeat(64),
    events: 20 * rounds,
    federation: 'f'.repeat(64),
    finished: false,
    log: { kind: 'sqlite', where: 'events.sqlite', reachable: true, detail: 'a file' },
    members,
    model: 'd'.repeat(64),
    name: 'flock',
    roster: { epoch: 1, expired: false, notAfterMs: 4e12, proposal: null, seq: 1 },
    rounds: [],
    roundsDone: rounds,
    roundsPlanned: rounds + 1,
    version: rounds,
    waitingFor: '3 more sites to be ready',
  };
}

function versionOf({ coverage, lossLastMicros, openedAtMs, round, updates }: RoundView) {
  return {
    base: round - 1,
    contributors: updates.slice(0, 5),
    examples: coverage.examples,
    finalisedAtMs: openedAtMs + 50_000,
    lossLastMicros,
    metrics: {},
    model: String(round).padStart(64, 'b'),
    pinned: false,
    rolledBackTo: null,
    round,
    version: round,
  };
}

function evaluationsOf(members: readonly MemberView[], rounds: number) {
  const versions = [0, Math.floor(rounds / 2), rounds];
  const cells = members.flatMap(({ site }, at) =>
    versions.map((version, i) => ({
      examples: 200,
      loss: null,
      recallAt10: 0.5 + i * 0.15 + (at % 10) / 100,
      reciprocalRank: 0.3 + i * 0.1,
      site,
      stage: i === 0 ? 'before' : 'federated',
      version,
    })),
  );
  return { cells, sites: members.map(({ site }) => site), versions };
}

function patternAt(at: number, members: readonly MemberView[]) {
  return {
    id: String(at).padStart(64, 'e'),
    proposer: members[at]?.member,
    status: (['final', 'proposed', 'lapsed'] as const)[at % 3],
    attestations: members.slice(0, 7).map(({ member }, i) => {
      const accepts = i % 4 !== 3;
      return { accepts, member, recallMicros: 940_000, verdict: accepts ? 'accept' : 'reject' };
    }),
    efSearch: 32,
    k: 10,
    supersededBy: null,
    verdicts: { abstains: 0, accepts: 6, rejects: 1 },
    recallMicros: 950_000,
    height: at % 3 === 0 ? at + 1 : null,
  };
}

function meshOf(members: readonly MemberView[]) {
  const nodes = members.map(({ member, site }) => ({ member, site, kind: 'site' }));
  const links = members.flatMap(({ member }, at) =>
    Array.from({ length: DEGREE / 2 }, (_, i) => ({
      from: member,
      to: members[(at * 7 + i * 31 + 1) % members.length]?.member,
      rttMs: i === 0 ? null : 3.2 + i,
      mesh: i < 2,
    })),
  );
  const coordinator = { member: 'c'.repeat(64), site: 'flock', kind: 'coordinator' };
  return {
    nodes: [coordinator, ...nodes],
    links: [
      ...links.filter(({ from, to }) => from !== to),
      ...members.map(({ member }) => {
        return { from: coordinator.member, to: member, rttMs: null, mesh: false };
      }),
    ],
  };
}

function reportOf(at: number, version: number): SiteReport {
  return {
    documents: 100 + 10 * at,
    patterns: { known: 3, used: 2, vetoed: 0 },
    peers: [],
    privacy: {
      deltaPicos: 10_000_000,
      epsilonMaxMicros: at % 3 === 2 ? null : 8_000_000,
      epsilonMicros: (1 + (at % 8)) * 1_000_000,
      rounds: 5,
      roundsWithoutBound: at % 4 === 3 ? 2 : 0,
      unit: 'example',
    },
    progressMicros: at % 5 === 1 ? 420_000 : null,
    queries: null,
    state: at % 5 === 1 ? 'training' : 'configured',
    version,
  };
}

function balanceOf({ balance, member, site }: MemberView) {
  return { account: `member:${member}`, balance, site };
}

function entryOf({ round }: RoundView, members: readonly MemberView[]) {
  const to = `member:${members[0]?.member}`;
  return { seq: 20 * round, round, reason: 'accepted-update', from: 'treasury', to, amount: '10' };
}
