// A coordinator that asks again for what was signed, splits its members over settings, or publishes
// another sum than the members' vectors give.

import { boundsOf, phaseRoot } from '@starling/crypto';
import { readFrame } from '@starling/rules';
import {
  type Aggregate,
  aggregate,
  type CborValue,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  keyAdvertisement,
  roundPlan,
  roundStatus,
  type SessionTranscript,
  sessionAnnounce,
  sessionPhase,
  sessionTranscriptSchema,
  shareBundle,
  TRANSCRIPT_BYTES_MAX,
} from '@starling/shared';
import test from 'ava';
import { MASKED } from '../cluster/memory-cluster.ts';
import { DishonestAggregator } from './dishonest-aggregator.ts';
import { bothKinds } from './secret-audit.ts';
import { flipped } from './tampers.ts';

const OTHER = 'e'.repeat(64) as Digest;

test('members told different settings never unmask together', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const { run } = aggregator;
  aggregator.tell = (frame, type, site) => {
    if (type !== sessionAnnounce.type || site < 2) return [frame];
    const { body } = readFrame(frame, sessionAnnounce);
    return [aggregator.seal(sessionAnnounce, { ...body, fractionBits: body.fractionBits - 1 })];
  };
  await run.next();
  await aggregator.cluster.until('keys in two sessions', () => {
    return aggregator.statements(keyAdvertisement.type).length === 5;
  });
  const said = aggregator
    .statements(keyAdvertisement.type)
    .toSorted((a, b) => (a.member < b.member ? -1 : 1));
  const sessions = [...new Set(said.map(({ session }) => session))];
  t.is(sessions.length, 2);
  const digests = said.map(({ digest }) => digest);
  aggregator.answer = (answer, request) => {
    if (request.kind !== 'inbox' || request.phase !== 'sharing') return answer;
    return { outcome: 'keys', digests, frames: said.map(({ frame }) => frame) };
  };
  for (const site of [0, 1, 2, 3, 4]) {
    const [own] = aggregator.statements(keyAdvertisement.type, site);
    const session = own?.session as Digest;
    const members = said.map(({ member }) => member);
    const root = phaseRoot(session, 'sharing', said);
    const body = { members, phase: 'sharing', root, session } as const;
    await aggregator.whisper(site, aggregator.seal(sessionPhase, body));
  }
  await aggregator.untilLeft(...[0, 1, 2, 3, 4].map(() => 'split-view'));
  for (const site of [0, 1, 2, 3, 4]) {
    t.deepEqual(await aggregator.evidence(site), [{ reason: 'split-view', frames: 2 }]);
  }
  t.deepEqual(aggregator.statements(shareBundle.type), []);
});

test('what was signed is not masked again without one member, nor after a restart', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 4);
  const { cluster, run } = aggregator;
  let again: Uint8Array | undefined;
  aggregator.tell = (frame, type) => {
    if (type === roundPlan.type && again !== undefined) return [frame, again];
    const isSilent = type === aggregate.type || (type === roundStatus.type && isClosed(frame));
    return isSilent ? [] : [frame];
  };
  await run.next();
  await cluster.until('the sum of all', () => run.state.round?.phase === 'voting');
  const [first] = run.sessions;
  if (first === undefined) return t.fail('no session');
  const { announce } = first.session;
  const participants = announce.participants.slice(1);
  const { survivorsMin = 0, threshold = 0 } = boundsOf(participants.length, MASKED) ?? {};
  const second = { ...announce, attempt: 2, participants, survivorsMin, threshold };
  again = aggregator.seal(sessionAnnounce, second);
  const asked = [0, 1, 2, 3].filter((site) => {
    return participants.includes(run.site(site).identity.member);
  });
  const [restarted = 0] = asked;
  const isSpent = (times: number) => (site: number) => aggregator.aborts(site, 'spent') >= times;
  await cluster.until('every refusal', () => asked.every(isSpent(1)));
  await run.site(restarted).stop();
  await run.site(restarted).start();
  await cluster.until('the refusal after a restart', () => isSpent(2)(restarted));
  t.is(aggregator.statements(keyAdvertisement.type).length, 4);
  for (const site of asked) {
    const [kept] = await aggregator.evidence(site);
    t.deepEqual(kept, { reason: 'spent', frames: 1 });
  }
  t.deepEqual(bothKinds(aggregator.audit.released(announce)), []);
});

function isClosed(frame: Uint8Array): boolean {
  return ['voting', 'final', 'failed'].includes(readFrame(frame, roundStatus).body.phase);
}

test('voters refuse any sum but the one that the vectors and the opened secrets give', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const { cluster, run } = aggregator;
  const { payloads } = cluster.node;
  const changed = async (
    { updates }: Aggregate,
    change: (transcript: SessionTranscript) => SessionTranscript,
  ): Promise<Aggregate['updates']> => {
    const [transcript] = decoded(await payloads.fetch(updates, { providers: [] })) as [Uint8Array];
    const parsed = sessionTranscriptSchema.parse(decoded(transcript));
    return payloads.offer(encodeCanonical([encodeCanonical(change(parsed))]));
  };
  const lies: readonly ((body: Aggregate) => Promise<Partial<Aggregate>>)[] = [
    async ({ model }) => ({ model: { ...model, root: OTHER } }),
    async (body) => ({
      updates: await changed(body, ({ selves: [first, ...rest], ...transcript }) => {
        const { member, secret } = first as (typeof rest)[number];
        return { ...transcript, selves: [{ member, secret: flipped(secret) }, ...rest] };
      }),
    }),
    async (body) => ({
      updates: await changed(body, (transcript) => {
        const [, ...masked] = transcript.masked;
        const [, ...selves] = transcript.selves;
        return { ...transcript, masked, selves };
      }),
    }),
    async ({ statistics }) => ({
      statistics: statistics && { ...statistics, examples: statistics.examples + 1 },
    }),
    async () => ({ updates: { bytes: TRANSCRIPT_BYTES_MAX + 1, root: OTHER } }),
  ];
  const told = new Map<number, Uint8Array>();
  aggregator.tell = async (frame, type, site) => {
    if (type !== aggregate.type) return [frame];
    const { body } = readFrame(frame, aggregate);
    const lie =
      told.get(site) ?? aggregator.seal(aggregate, { ...body, ...(await lies[site]?.(body)) });
    told.set(site, lie);
    return [lie];
  };
  await run.next();
  const outcomes = ['equivocation', 'wrong-shape', 'bad-signature', 'equivocation', 'oversized'];
  await cluster.until('the decision of every voter', () =>
    outcomes.every((outcome, site) => {
      return run.site(site).counted('starling_peer_votes_total', { outcome }) === 1;
    }),
  );
  for (const site of cluster.sites) t.is(await site.store.count('vote'), 0);
});

function decoded(bytes: Uint8Array): CborValue {
  const value = decodeCanonical(bytes, TRANSCRIPT_BYTES_MAX);
  if (!value.ok) throw new Error(value.detail);
  return value.value;
}
