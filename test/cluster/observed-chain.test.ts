// The coordinator sees what the members decide, with who said what, and believes certificates only.

import type { ChainView, PatternView } from '@starling/coordinator';
import { DOCUMENTS } from '@starling/rules';
import {
  type CborValue,
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_PROTOCOL,
  type ChainAnswer,
  chainAnswerSchema,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  type Pattern,
  type PatternAttestation,
  type RequestHandler,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { untilDecided } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { type ClusterOptions, MemoryCluster } from './memory-cluster.ts';
import { passing } from './passing-bus.ts';

const PATTERN: Pattern = {
  centroid: new Uint8Array(8).fill(20),
  collection: DOCUMENTS,
  cost: 100,
  efSearch: 20,
  expectedRecallMicros: 900_000,
  k: 10,
  queries: 80,
  radius: 500,
};

type Verdict = PatternAttestation['verdict'];
type Sites = readonly [ClusterSite, ClusterSite, ClusterSite, ClusterSite];

function measured(proposal: Digest, verdict: Verdict): PatternAttestation {
  const accepts = verdict === 'accept';
  return {
    collection: DOCUMENTS,
    costRatioMicros: accepts ? 800_000 : 2_000_000,
    proposal,
    queries: 70,
    recallBoundMicros: accepts ? 930_000 : 100_000,
    recallMicros: accepts ? 950_000 : 200_000,
    verdict,
  };
}

/** Four sites whose chain has decided version 1. */
async function decided(
  t: ExecutionContext,
  verdicts: readonly Verdict[],
  options: Partial<ClusterOptions> = {},
): Promise<{ readonly cluster: MemoryCluster; readonly sites: Sites }> {
  const cluster = await MemoryCluster.found(t, { sites: 4, ...options });
  await cluster.admitAll();
  for (const [i, site] of cluster.sites.entries()) {
    site.evaluatePattern = async (id) => measured(id, verdicts[i] ?? 'accept');
    await site.start();
  }
  await cluster.coordinator.planRounds(1, 4);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  return { cluster, sites: cluster.sites as unknown as Sites };
}

function seen(cluster: MemoryCluster): ChainView {
  const view = cluster.coordinator.observedChain();
  if (view === null) throw new Error('no chain is observed yet');
  return view;
}

const patternIn = (cluster: MemoryCluster, id: Digest): PatternView | undefined =>
  cluster.coordinator.observedChain()?.patterns.find((pattern) => pattern.id === id);

const untilHeight = (cluster: MemoryCluster, height: number) =>
  cluster.until(`height ${height} at the coordinator`, () => {
    return (cluster.coordinator.observedChain()?.height ?? 0) >= height;
  });

const tipOf = ({ peer }: ClusterSite) => peer.chain.decisions().at(-1)?.block;

/** Sites that alter what they say of decided blocks while `isLying` says so. */
function lyingSites(isLying: () => boolean, lie: (answer: ChainAnswer) => ChainAnswer) {
  return {
    wrapBus: ((bus) => ({
      ...passing(bus),
      handle: (protocol, handler, options) => {
        const altered: RequestHandler = async (bytes, from, connection) => {
          const answer = await handler(bytes, from, connection);
          if (!isLying()) return answer;
          const decoded = decodeCanonical(answer, CHAIN_ANSWER_BYTES_MAX);
          const parsed = chainAnswerSchema.parse(decoded.ok ? decoded.value : undefined);
          return encodeCanonical(lie(parsed) as CborValue);
        };
        const isAsked = protocol === CHAIN_PROTOCOL;
        return bus.handle(protocol, isAsked ? altered : handler, options);
      },
    })) satisfies ClusterOptions['wrapBus'],
  };
}

test('a pattern is seen proposed, then final with each attestation; a restart sees the same', async (t) => {
  const { cluster, sites } = await decided(t, ['accept', 'accept', 'reject', 'accept']);
  const [proposer] = sites;
  await untilHeight(cluster, 1);
  t.like(seen(cluster), { engine: 'simplex', epoch: 1, version: 1, patterns: [] });
  t.deepEqual(seen(cluster).members, sites.map(({ identity }) => identity.member).sort());

  const id = await proposer.peer.chain.proposePattern(PATTERN);
  await cluster.until('it is proposed', () => patternIn(cluster, id)?.status === 'proposed');
  t.like(patternIn(cluster, id), { height: null, recallMicros: null });
  await cluster.until('it is final', () => patternIn(cluster, id)?.status === 'final');
  const final = patternIn(cluster, id);
  const { member: author } = proposer.identity;
  t.like(final, { proposer: author, height: 2, recallMicros: 930_000, efSearch: 20, k: 10 });
  const attested = new Map(final?.attestations.map((each) => [each.member, each.verdict]));
  for (const [i, { identity }] of sites.entries()) {
    // A quorum is enough; who comes later is not in the block.
    if (attested.has(identity.member)) {
      t.is(attested.get(identity.member), i === 2 ? 'reject' : 'accept');
    }
  }
  t.true(attested.size >= 3);
  t.is((final?.verdicts.accepts ?? 0) + (final?.verdicts.rejects ?? 0), attested.size);
  t.is(tipOf(proposer), seen(cluster).block);

  const before = seen(cluster);
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  t.is(cluster.coordinator.observedChain(), null);
  await untilHeight(cluster, 2);
  t.deepEqual(seen(cluster), { ...before, movedAtMs: seen(cluster).movedAtMs });
});

test('settings are seen with who proposed and who agreed, changes of members with who left', async (t) => {
  const { cluster, sites } = await decided(t, []);
  const [first, second, third, last] = sites;
  const id = await first.peer.chain.proposeSetting('gossip.degree', '8');
  const setting = () => seen(cluster).settings.find((each) => each.id === id);
  await cluster.until('it is proposed', () => {
    return (cluster.coordinator.observedChain()?.settings.length ?? 0) > 0;
  });
  t.like(setting(), { status: 'proposed', value: '8', author: first.identity.member });
  for (const { peer } of [second, third]) await peer.chain.approveSetting(id);
  await cluster.until('it is final', () => setting()?.status === 'final');
  t.is(setting()?.author, first.identity.member);
  t.true((setting()?.approvals.length ?? 0) >= 2);

  const { member: gone } = last.identity;
  await cluster.coordinator.revoke(last.name, 'left the project');
  await last.stop();
  await cluster.until('an epoch of three', () => seen(cluster).members.length === 3);
  const [change] = seen(cluster).memberChanges;
  t.like(change, { epoch: 2, joined: [], left: [gone] });
  t.false(seen(cluster).members.includes(gone));
});

for (const [what, lie] of [
  ['a block that it made up', (run: Run) => ({ ...run, blocks: run.blocks.map(otherRoot) })],
  ['a signature of nobody', (run: Run) => ({ ...run, certificate: withProofs(run, forged) })],
  ['too few signatures', (run: Run) => ({ ...run, certificate: withProofs(run, one) })],
] as const) {
  test(`members that show ${what} do not deceive it, and one honest member is enough`, async (t) => {
    let isLying = true;
    const lying = lyingSites(
      () => isLying,
      (answer) => {
        if (answer.outcome !== 'blocks') return answer;
        return { ...answer, runs: answer.runs.map(lie) };
      },
    );
    const { cluster, sites } = await decided(t, [], lying);
    await cluster.clock.advance(20_000);
    t.like(seen(cluster), { height: 0, version: 0, movedAtMs: null });
    isLying = false;
    await untilHeight(cluster, 1);
    t.is(tipOf(sites[0]), seen(cluster).block);
  });
}

test('nobody connected is no fault: what was seen stays, and following goes on', async (t) => {
  const { cluster, sites } = await decided(t, []);
  await untilHeight(cluster, 1);
  for (const site of sites) await site.stop();
  await cluster.clock.advance(40_000);
  t.is(seen(cluster).height, 1);
  for (const site of sites) await site.start();
  await cluster.coordinator.planRounds(2, 4);
  await untilHeight(cluster, 2);
  t.is(seen(cluster).version, 2);
});

type Run = Extract<ChainAnswer, { readonly outcome: 'blocks' }>['runs'][number];
type Proof = Run['certificate']['proofs'][number];

function otherRoot(body: Uint8Array): Uint8Array {
  const decoded = decodeCanonical(body, body.byteLength);
  const block = (decoded.ok ? decoded.value : {}) as { readonly [key: string]: CborValue };
  return encodeCanonical({ ...block, stateRoot: 'ab'.repeat(32) });
}

function withProofs({ certificate }: Run, change: (proofs: readonly Proof[]) => Proof[]) {
  return { ...certificate, proofs: change(certificate.proofs) };
}

function forged(proofs: readonly Proof[]): Proof[] {
  return proofs.map(({ signature, voter }, i) => {
    return { signature: i === 0 ? signature.map((byte) => byte ^ 1) : signature, voter };
  });
}

function one(proofs: readonly Proof[]): Proof[] {
  return proofs.slice(0, 1);
}
