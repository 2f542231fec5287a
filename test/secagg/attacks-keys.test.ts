// A coordinator that relays other keys and packets than members sent: signatures, the root of what
// was said and the tree of each dealer's leaves end the session before a vector is masked.

import {
  beginMember,
  type Identity,
  phaseRoot,
  runMemberTask,
  type Session,
  sealMessage,
  systemRandom,
  treeOfLeaves,
} from '@starling/crypto';
import { readFrame } from '@starling/rules';
import {
  complaint,
  type Digest,
  type KeyAdvertisement,
  keyAdvertisement,
  type MemberId,
  maskedInput,
  type SharePacket,
  sessionAnnounce,
  sessionPhase,
  shareBundle,
  unmaskShares,
} from '@starling/shared';
import test from 'ava';
import { DishonestAggregator } from './dishonest-aggregator.ts';
import { flipped } from './tampers.ts';

const OTHER = 'e'.repeat(64) as Digest;

/** A key advertisement in a member's name with keys of the attacker. */
function forgedKeys(session: Session, member: MemberId): KeyAdvertisement {
  return beginMember(session, member, systemRandom).state.advertisement;
}

/** Whoever holds this key, under another member's name. */
function inNameOf(identity: Identity, member: MemberId): Identity {
  return { ...identity, member };
}

/** A packet in a dealer's name, sealed to what the victim advertised, with shares of the attacker. */
async function forgedPacket(
  aggregator: DishonestAggregator,
  session: Session,
  dealer: MemberId,
  victim: number,
): Promise<SharePacket> {
  const [said] = aggregator.statements(keyAdvertisement.type, victim);
  if (said === undefined) throw new Error('the victim advertised nothing');
  const { body: keys } = readFrame(said.frame, keyAdvertisement);
  const { state } = beginMember(session, dealer, systemRandom);
  const recipients = new Map([[said.member, keys]]);
  const sealed = await runMemberTask(state, { kind: 'seal', recipients }, systemRandom);
  if (sealed.kind !== 'sealed') throw new Error(sealed.kind);
  const { leaves, paths, root } = treeOfLeaves(sealed.leaves);
  const advertised = aggregator.run.sessions.at(-1)?.announced.get('sharing')?.root ?? OTHER;
  const body = { advertised, leaves: 1, root, session: session.id };
  const { federation, node } = aggregator.cluster;
  const forger = inNameOf(node.identity, dealer);
  const frame = sealMessage(forger, shareBundle, { federation, body });
  const [leaf = new Uint8Array()] = leaves;
  return { frame, index: 0, leaf, path: [...(paths[0] ?? [])] };
}

function senderOf(frame: Uint8Array): MemberId {
  return readFrame(frame, keyAdvertisement).sender;
}

test('other keys in a member’s place are seen by their signature and by the root', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const { cluster, run } = aggregator;
  const { federation, node } = cluster;
  const everyone = run.members(0, 1, 2, 3, 4);
  /** R0 of a member, forged in five ways for the five sites. */
  const forged = (frame: Uint8Array, site: number): Uint8Array[] => {
    const member = senderOf(frame);
    const session = run.sessions[0]?.session as Session;
    const body = forgedKeys(session, member);
    const colluding = cluster.sites.find(({ identity }) => identity.member === member);
    const author = colluding?.identity ?? node.identity;
    const frames = [
      [sealMessage(inNameOf(node.identity, member), keyAdvertisement, { federation, body })],
      [flipped(frame, frame.byteLength - 2_000)],
      [sealMessage(node.identity, keyAdvertisement, { federation, body })],
      [sealMessage(author, keyAdvertisement, { federation, body })],
      [frame],
    ];
    return frames[site] ?? [];
  };
  const target = (site: number) => run.members((site + 1) % 5)[0];
  aggregator.answer = (answer, _, site) => {
    if (answer.outcome !== 'keys') return answer;
    const frames = answer.frames.flatMap((frame) => {
      return senderOf(frame) === target(site) ? forged(frame, site) : [frame];
    });
    const own = everyone.indexOf(run.site(site).identity.member);
    const digests = site === 4 ? answer.digests.with(own, OTHER) : answer.digests;
    return { ...answer, digests, frames };
  };
  aggregator.tell = (frame, type, site) => {
    if (type !== sessionPhase.type || site !== 4) return [frame];
    const { body } = readFrame(frame, sessionPhase);
    const digests = aggregator.digestsOf(body);
    const said = everyone.map((member, i) => {
      const isOwn = member === run.site(4).identity.member;
      return { member, digest: isOwn ? OTHER : (digests[i] ?? OTHER) };
    });
    const root = phaseRoot(body.session, 'sharing', said);
    return [aggregator.seal(sessionPhase, { ...body, root })];
  };
  await run.next();
  const reasons = [0, 1, 2, 3].map(() => 'split-view').concat('own-message-changed');
  await aggregator.untilLeft(...reasons);
  const frames = [1, 1, 1, 2, 1];
  for (const [site, reason] of reasons.entries()) {
    t.deepEqual(await aggregator.evidence(site), [{ reason, frames: frames[site] ?? 0 }]);
  }
  t.deepEqual(aggregator.statements(shareBundle.type), []);
});

test('a packet that its dealer did not sign is opened by nobody', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5, { apart: true });
  const { run } = aggregator;
  const target = (site: number) => run.members((site + 1) % 5)[0] as MemberId;
  aggregator.answer = async (answer, _, site) => {
    if (answer.outcome !== 'packets') return answer;
    const session = run.sessions[0]?.session as Session;
    const forged = await forgedPacket(aggregator, session, target(site), site);
    const packets = answer.packets.flatMap((packet): SharePacket[] => {
      const { sender } = readFrame(packet.frame, shareBundle);
      if (sender !== target(site)) return [packet];
      const bundle = aggregator
        .statements(shareBundle.type)
        .find(({ member }) => member === sender);
      const { leaves, paths } = treeOfLeaves(bundle?.leaves ?? [packet.leaf]);
      const index = (packet.index + 1) % leaves.length;
      const leaf = leaves[index] ?? packet.leaf;
      const path = [...(paths[index] ?? [])];
      return (
        [[forged], [{ ...packet, leaf: forged.leaf }], [{ ...packet, index, leaf, path }], []][
          site
        ] ?? [packet]
      );
    });
    return { ...answer, packets };
  };
  await run.next();
  await aggregator.untilLeft(...[0, 1, 2, 3].map(() => 'faulty-packet'));
  const frames = [1, 2, 2, 1];
  for (const site of [0, 1, 2, 3]) {
    t.deepEqual(await aggregator.evidence(site), [
      { reason: 'faulty-packet', frames: frames[site] ?? 0 },
    ]);
  }
  await aggregator.cluster.until('the complaints', () => {
    return aggregator.statements(complaint.type).length === 4;
  });
  for (const site of [0, 1, 2, 3]) t.deepEqual(aggregator.statements(maskedInput.type, site), []);
  t.deepEqual(aggregator.statements(unmaskShares.type), []);
});

test('keys and packets of an older attempt or round do not pass for new ones', async (t) => {
  const aggregator = await DishonestAggregator.start(t, 5);
  const { cluster, run } = aggregator;
  const [dealer] = run.members(2) as [MemberId];
  const [accused] = run.members(3) as [MemberId];
  aggregator.attemptsMax = 2;
  const announced: Uint8Array[] = [];
  aggregator.tell = (frame, type) => {
    if (type === sessionAnnounce.type) announced.push(frame);
    return [frame];
  };
  const old = new Map<string, SharePacket>();
  aggregator.answer = (answer, _, site) => {
    const { attempt } = run.sessions.at(-1)?.session.announce ?? { attempt: 0 };
    const { round } = run.round.plan;
    if (answer.outcome === 'keys' && round === 2 && site === 0) {
      const [first] = aggregator.statements(keyAdvertisement.type, 1);
      const frames = answer.frames.map((frame) => {
        return senderOf(frame) === first?.member ? first.frame : frame;
      });
      return { ...answer, frames };
    }
    if (answer.outcome !== 'packets' || round > 1) return answer;
    const packets = answer.packets.flatMap((packet): SharePacket[] => {
      const { sender } = readFrame(packet.frame, shareBundle);
      if (attempt === 1 && site === 4 && sender === accused) return [];
      if (site !== 1 || sender !== dealer) return [packet];
      if (attempt === 1) old.set(sender, packet);
      return [attempt === 1 ? packet : (old.get(sender) ?? packet)];
    });
    return { ...answer, packets };
  };
  await run.next();
  await cluster.until('the replay of a packet', () => aggregator.aborts(1, 'faulty-packet') === 1);
  t.deepEqual(
    run.sessions.map(({ session }) => session.announce.participants.length),
    [5, 3],
  );
  const [first = new Uint8Array()] = announced;
  const again = aggregator.seal(sessionAnnounce, readFrame(first, sessionAnnounce).body);
  await aggregator.whisper(0, again);
  await cluster.untilEvent('round-failed');
  await run.next();
  await cluster.until('the replay of keys', () => aggregator.aborts(0, 'split-view') === 1);
  const refusedAs = { outcome: 'unknown-plan', topic: 'control' };
  const unknown = run.site(2).counted('starling_peer_messages_total', refusedAs);
  await aggregator.whisper(2, again);
  t.is(run.site(2).counted('starling_peer_messages_total', refusedAs), unknown + 1);
  await cluster.untilFinished();
  t.deepEqual(await aggregator.evidence(1), [{ reason: 'faulty-packet', frames: 2 }]);
  t.deepEqual(await aggregator.evidence(0), [{ reason: 'split-view', frames: 2 }]);
  t.is(run.state.versions.length, 1);
  t.is(aggregator.statements(keyAdvertisement.type, 0).length, 3, 'one for each session');
});
