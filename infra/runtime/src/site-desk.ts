// The chain and the patterns of a running site, as its local API shows them.

import type {
  ChainDecision,
  ChainPattern,
  ChainSetting,
  Evidence,
  LearningOutcome,
  Peer,
} from '@starling/peer';
import type { Digest, MemberId, TransportId } from '@starling/shared';
import { type ChainDesk, findByPrefix } from './chain-desk.ts';
import type {
  ConsensusView,
  EvidenceView,
  LearnView,
  PatternsView,
  PatternView,
  SettingView,
  SiteNames,
} from './chain-view.ts';
import { RuntimeError } from './runtime-error.ts';

/** Queries that a cluster needs. */
const QUERIES_MIN = 50;
/** How long, and how often, is looked whether what was just learned is proposed. */
const LOOK_AGAIN_MS = 50;
const LOOKS_MAX = 200;

export class SiteDesk implements ChainDesk {
  readonly #peer: Peer;
  readonly #connected: () => readonly TransportId[];

  constructor(peer: Peer, connected: () => readonly TransportId[]) {
    this.#peer = peer;
    this.#connected = connected;
  }

  async consensus(): Promise<ConsensusView> {
    const { chain } = this.#peer;
    return {
      status: chain.status(),
      decisions: certified(chain.decisions()),
      evidence: chain.evidence().map(({ first: _, second: __, ...summary }) => summary),
      settings: chain.settings(),
      away: this.#away(),
      sites: this.#sites(),
    };
  }

  async evidence(id: string): Promise<EvidenceView> {
    const found = findByPrefix<Evidence>('evidence', this.#peer.chain.evidence(), id);
    const { epoch, era, first, kind, member, recordedAtMs, second, view } = found;
    const { federation } = this.#peer.status();
    const publicKey = this.#keyOf(member);
    if (publicKey === undefined) {
      const message = `${member} is no member of this epoch or the one before: its key is not at hand`;
      throw new RuntimeError('request-refused', message);
    }
    return {
      ...{ id: found.id, epoch, era, kind, member, recordedAtMs, view, federation },
      site: this.#sites()[member] ?? member,
      publicKey: base64url(publicKey),
      first: base64url(first),
      second: base64url(second),
    };
  }

  async proposeSetting(name: string, value: string): Promise<SettingView> {
    const id = await this.#peer.chain.proposeSetting(name, value);
    return findByPrefix<ChainSetting>('setting', this.#peer.chain.settings(), id);
  }

  async approveSetting(id: string): Promise<SettingView> {
    const { chain } = this.#peer;
    const found = findByPrefix<ChainSetting>('setting', chain.settings(), id);
    if (found.status === 'proposed') await chain.approveSetting(found.id);
    return findByPrefix<ChainSetting>('setting', chain.settings(), found.id);
  }

  async patterns(): Promise<PatternsView> {
    const { chain, patterns } = this.#peer;
    const decisions = certified(chain.decisions());
    const { use } = patterns.status();
    const views = chain.patterns().map((pattern): PatternView => {
      const veto = patterns.vetoes.get(pattern.id);
      const decision = decisionOf(pattern, decisions);
      return {
        ...viewOf(pattern),
        decision,
        veto: veto === undefined ? null : { by: veto.by, reason: veto.reason, sinceMs: veto.atMs },
        isUsed: use && pattern.stage === 'final' && veto === undefined,
      };
    });
    return { patterns: views, sites: this.#sites() };
  }

  async pattern(id: string): Promise<PatternView> {
    return findByPrefix('pattern', (await this.patterns()).patterns, id);
  }

  async veto(id: string, reason: string): Promise<PatternView> {
    const { id: found } = await this.pattern(id);
    await this.#peer.patterns.veto(found, reason);
    return this.pattern(found);
  }

  async unveto(id: string): Promise<PatternView> {
    const { id: found } = await this.pattern(id);
    if (!(await this.#peer.patterns.unveto(found))) {
      throw new RuntimeError('request-refused', `this site has no veto against ${found}`);
    }
    return this.pattern(found);
  }

  async learn(): Promise<LearnView> {
    const before = new Set(this.#ownProposals());
    const outcome = await this.#peer.patterns.learnNow();
    const { propose } = this.#peer.patterns.status();
    const fresh = () => this.#ownProposals().filter((id) => !before.has(id));
    // They are signed, written down and said one by one.
    for (let look = 0; look < LOOKS_MAX && propose; look++) {
      if (fresh().length >= outcome.candidates.length) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    const proposed = fresh();
    return {
      queries: outcome.queries,
      learned: outcome.learned,
      proposed,
      reasons: reasonsOf(outcome, propose, proposed.length),
    };
  }

  #ownProposals(): Digest[] {
    const { member } = this.#peer.status();
    const all = this.#peer.chain.patterns();
    return all.filter(({ author }) => author === member).map(({ id }) => id);
  }

  #keyOf(member: MemberId): Uint8Array | undefined {
    const { membership, previous } = this.#peer.chain.state ?? {};
    const members = [...(membership?.members ?? []), ...(previous?.members ?? [])];
    return members.find((each) => each.member === member)?.publicKey;
  }

  #away(): MemberId[] {
    const { chain } = this.#peer;
    const connected = new Set(this.#connected());
    const near = (this.#peer.roster().roster?.members ?? [])
      .filter(({ transportId }) => connected.has(transportId))
      .map(({ member }) => member);
    const there = new Set([...near, this.#peer.status().member]);
    return chain.status().members.filter((member) => !there.has(member));
  }

  #sites(): SiteNames {
    const members = this.#peer.roster().roster?.members ?? [];
    return Object.fromEntries(members.map(({ member, site }) => [member, site]));
  }
}

function viewOf(pattern: ChainPattern): Omit<PatternView, 'decision' | 'isUsed' | 'veto'> {
  const { attestations, author, boundMicros, id, parents, stage } = pattern;
  const { cost, efSearch, expectedRecallMicros, k, queries, radius } = pattern.pattern;
  const { supersededBy, supersedes, verdicts } = pattern;
  return {
    ...{ id, author, boundMicros, parents, supersededBy, supersedes, verdicts },
    ...{ cost, efSearch, expectedRecallMicros, k, queries, radius },
    status: stage,
    attestations: attestations.map(({ signature: _, ...measured }) => measured),
  };
}

/** A block without a certificate of its own is final by that of a later one of its epoch. */
function certified(decisions: readonly ChainDecision[]): ChainDecision[] {
  let later: ChainDecision | undefined;
  return decisions
    .toReversed()
    .map((decision) => {
      if (decision.certificateBytes > 0) later = decision;
      if (later === undefined || later.epoch !== decision.epoch) return decision;
      const { certificateBytes, signers } = later;
      return { ...decision, certificateBytes, signers };
    })
    .toReversed();
}

function decisionOf(
  { height }: ChainPattern,
  decisions: readonly ChainDecision[],
): PatternView['decision'] {
  if (height === null) return null;
  const own = decisions.find((decision) => decision.height === height);
  if (own === undefined) return null;
  const { entries: _, ...decision } = own;
  return decision;
}

/** Why there are not more patterns, in words; one line for each reason. */
function reasonsOf(
  { candidates, learned, queries }: LearningOutcome,
  propose: boolean,
  proposed: number,
): string[] {
  if (queries < QUERIES_MIN)
    return [`too few queries: a pattern needs ${QUERIES_MIN} that lie together`];
  if (learned === 0) {
    return [`no cluster of ${QUERIES_MIN} queries met the recall that the index is tuned to`];
  }
  const dropped = learned - candidates.length;
  return [
    ...(dropped === 0
      ? []
      : ['learned patterns that save no search here, or lie near a final one, are not proposed']),
    ...(propose || candidates.length === 0
      ? []
      : ['nothing is proposed: this site did not opt in (patterns.propose in config.json)']),
    ...(propose && proposed < candidates.length
      ? ['some are not proposed: as many of this site wait already as may']
      : []),
  ];
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
