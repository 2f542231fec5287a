// Who tries to take a place that is not his, over the real request path.

import { memoryChannelKey } from '@starling/adapters';
import {
  type BindingTerms,
  type ChannelKey,
  createIdentity,
  type Identity,
  openBinding,
  openMessage,
  sealBinding,
  sealMessage,
  sealRotation,
} from '@starling/crypto';
import { BINDING_LIFE_MS, type JoinResponse, joinRequest, joinResponse } from '@starling/shared';
import test from 'ava';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

interface Attempt {
  /** Signs the binding and the request. */
  readonly identity: Identity;
  readonly channel: ChannelKey;
  readonly terms?: Partial<BindingTerms>;
  /** Who signs that the identity takes its place; nobody when absent. */
  readonly from?: Identity;
  readonly invitation?: Uint8Array;
}

let guests = 0;

async function attempt(
  cluster: MemoryCluster,
  site: ClusterSite,
  { channel, from, identity, invitation, terms = {} }: Attempt,
): Promise<JoinResponse> {
  const { clock, federation, network, node } = cluster;
  const entry = cluster.replay().roster.members.find((it) => it.site === site.name);
  if (entry === undefined) throw new Error('no such site');
  const nowMs = clock.nowMs();
  const binding = sealBinding(identity, channel, {
    federation,
    site: site.name,
    seq: entry.bindingSeq + 1,
    previous: entry.binding,
    notBeforeMs: nowMs,
    notAfterMs: nowMs + BINDING_LIFE_MS,
    ...terms,
  });
  const bound = openBinding(binding, { federation });
  if (!bound.ok) throw new Error(bound.refusal.detail);
  const bindingDigest = bound.value.bodyDigest;
  const rotation =
    from === undefined ? null : sealRotation(from, identity, { federation, bindingDigest });
  const body = { binding, invitation: invitation ?? null, rotation };
  const request = sealMessage(identity, joinRequest, { federation, body, seq: 1, nowMs });
  const bus = network.join(`guest${guests++}`);
  const answer = await bus.request(node.transportId, 'join', request, { answerBytesMax: 1 << 20 });
  await bus.stop();
  const keyOf = () => node.identity.publicKey;
  const opened = openMessage(answer, joinResponse, { federation, nowMs, keyOf });
  if (!opened.ok) throw new Error(opened.refusal.detail);
  return opened.value.body;
}

const mallory = identityOf('mallory');
const tap = memoryChannelKey('tap');

test('nobody takes the place of a member without its key, or with keys that others have', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 2 });
  await cluster.admitAll();
  const [site, other] = cluster.sites as [ClusterSite, ClusterSite];
  const before = cluster.replay().rosterDigest;
  const own = { identity: site.identity, channel: tap };
  const next = createIdentity(new Uint8Array(32).fill(9));
  const cases: readonly (readonly [string, Attempt, RegExp])[] = [
    ['an outsider', { identity: mallory, channel: tap }, /these keys are no member here/],
    [
      'signed for by itself',
      { identity: mallory, channel: tap, from: next },
      /rotation: .* is no active member/,
    ],
    [
      'signed for by a neighbour',
      { identity: mallory, channel: tap, from: other.identity },
      /does not follow number 1 of "site2"/,
    ],
    [
      'to the key of a neighbour',
      { identity: other.identity, channel: tap, from: site.identity },
      /this key is a member under another site name/,
    ],
    [
      'a foreign channel',
      { ...own, channel: other.channelKey },
      /this peer id is a member already/,
    ],
    ['a number that was used', { ...own, terms: { seq: 1 } }, /does not follow number 1/],
    ['a number too far', { ...own, terms: { seq: 3 } }, /does not follow number 1/],
    ['without a past', { ...own, terms: { previous: null } }, /does not follow number 1/],
    ['under another name', { ...own, terms: { site: 'site9' } }, /does not follow number 1/],
    ['the coordinator', { identity: cluster.node.identity, channel: tap }, /no member here/],
  ];
  for (const [title, given, reason] of cases) {
    const response = await attempt(cluster, site, given);
    t.is(response.outcome, 'refused', title);
    if (response.outcome === 'refused') t.regex(response.reason, reason, title);
  }
  t.is(cluster.replay().rosterDigest, before);
});

test('an honest rotation is taken once, and its old key admits nobody again', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 1 });
  await cluster.admitAll();
  const [site] = cluster.sites as [ClusterSite];
  const next = createIdentity(new Uint8Array(32).fill(9));
  const rotate = { identity: next, channel: site.channelKey, from: site.identity };
  t.is((await attempt(cluster, site, rotate)).outcome, 'admitted');
  const again = createIdentity(new Uint8Array(32).fill(8));
  const replay = await attempt(cluster, site, { ...rotate, identity: again });
  t.regex(replay.outcome === 'refused' ? replay.reason : replay.outcome, /no active member/);
  const invitation = cluster.coordinator.invite('elsewhere');
  const back = cluster.newSite('site1');
  back.channelKey = memoryChannelKey('elsewhere');
  await t.throwsAsync(back.join(invitation), { code: 'join-refused', message: /was rotated/ });
});
