// Who is admitted, and who is not.

import { memoryChannelKey } from '@starling/adapters';
import {
  type BindingTerms,
  CLOCK_SKEW_MAX_MS,
  createIdentity,
  type Identity,
  openMessage,
  sealBinding,
  sealMessage,
} from '@starling/crypto';
import {
  BINDING_LIFE_MS,
  type Digest,
  encodeCanonical,
  type FederationId,
  type Invitation,
  invitation,
  type JoinResponse,
  joinRequest,
  joinResponse,
} from '@starling/shared';
import test from 'ava';
import { identityOf } from './cluster-node.ts';
import { MemoryCluster } from './memory-cluster.ts';

interface Application {
  readonly invitation: Uint8Array;
  readonly identity?: Identity;
  /** The channel's name, when it is not the one in the request. */
  readonly channel?: string;
  readonly site?: string;
  readonly terms?: Partial<BindingTerms>;
  /** Instead of a record by these terms. */
  readonly binding?: Uint8Array;
}

/** Sends a join request of the site `name` and reads the answer. */
async function apply(
  cluster: MemoryCluster,
  name: string,
  {
    binding,
    channel = name,
    identity = identityOf(name),
    invitation: bytes,
    site = 'newcomer',
    terms = {},
  }: Application,
): Promise<JoinResponse> {
  const { clock, federation, network, node } = cluster;
  const bus = network.join(channel);
  try {
    const nowMs = clock.nowMs();
    const bound = sealBinding(identity, memoryChannelKey(name), {
      federation,
      site,
      seq: 1,
      previous: null,
      notBeforeMs: nowMs,
      notAfterMs: nowMs + BINDING_LIFE_MS,
      ...terms,
    });
    const request = sealMessage(identity, joinRequest, {
      federation,
      body: { binding: binding ?? bound, invitation: bytes, rotation: null },
      seq: 1,
      nowMs: clock.nowMs(),
    });
    const answer = await bus.request(node.transportId, 'join', request, {
      answerBytesMax: 1 << 20,
    });
    const opened = openMessage(answer, joinResponse, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: () => node.identity.publicKey,
    });
    if (!opened.ok) throw new Error(opened.refusal.detail);
    return opened.value.body;
  } finally {
    await bus.stop();
  }
}

function invitationOf(
  cluster: MemoryCluster,
  changes: { federation?: FederationId; identity?: Identity; nowMs?: number } = {},
): Uint8Array {
  const { clock, federation, node } = cluster;
  const body: Invitation = {
    addresses: [...node.bus.addresses()],
    coordinator: node.transportId,
    genesis: cluster.replay().genesisFrame,
    nonce: 'ab'.repeat(32) as Invitation['nonce'],
    rosterSeq: 1,
    site: 'newcomer',
  };
  const content = { federation, body, seq: 1, nowMs: clock.nowMs(), ...changes };
  return sealMessage(changes.identity ?? node.identity, invitation, content);
}

function reasonOf(response: JoinResponse): string {
  return response.outcome === 'refused' ? response.reason : 'admitted';
}

test('an invited site is admitted, and asking again is answered again', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const invited = cluster.coordinator.invite('newcomer');
  t.is(reasonOf(await apply(cluster, 'newcomer', { invitation: invited })), 'admitted');
  const { head } = cluster.replay();
  t.is(reasonOf(await apply(cluster, 'newcomer', { invitation: invited })), 'admitted');
  t.is(cluster.replay().head, head);
  t.is(cluster.node.counted('starling_coordinator_joins_total', { outcome: 'admitted' }), 2);
});

test('a used invitation admits nobody else', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const invited = cluster.coordinator.invite('newcomer');
  await apply(cluster, 'newcomer', { invitation: invited });
  t.regex(reasonOf(await apply(cluster, 'stranger', { invitation: invited })), /used already/);
  const other = { invitation: invited, identity: identityOf('newcomer') };
  t.regex(reasonOf(await apply(cluster, 'moved', other)), /used already/);
});

test('without a valid invitation of this federation nobody is admitted', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const { head } = cluster.replay();
  // The clocks of both may be apart.
  const endMs = 7 * 24 * 3600 * 1000 + CLOCK_SKEW_MAX_MS;
  const empty = new Uint8Array();
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(), /^invitation: /],
    [new TextEncoder().encode('let me in'), /^invitation: /],
    [invitationOf(cluster, { nowMs: cluster.clock.nowMs() - endMs }), /expired 0 ms ago/],
    [invitationOf(cluster, { federation: 'ab'.repeat(32) as FederationId }), /of federation abab/],
    [invitationOf(cluster, { identity: createIdentity() }), /is no active member/],
    [encodeCanonical({ signature: empty, signed: empty, ['x'.repeat(5000)]: 1 }), /frame at .*xxx/],
  ];
  for (const [bytes, reason] of cases) {
    t.regex(reasonOf(await apply(cluster, 'newcomer', { invitation: bytes })), reason);
  }
  t.is(cluster.replay().head, head);
  const refusals = cluster.node.counted('starling_coordinator_joins_total', { outcome: 'refused' });
  t.is(refusals, cases.length);
});

test('an invitation with any byte changed is refused', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const invited = cluster.coordinator.invite('newcomer');
  for (let at = 0; at < invited.byteLength; at += 97) {
    const tampered = invited.with(at, (invited[at] ?? 0) ^ 1);
    t.not(reasonOf(await apply(cluster, 'newcomer', { invitation: tampered })), 'admitted');
  }
  t.is(reasonOf(await apply(cluster, 'newcomer', { invitation: invited })), 'admitted');
});

test('a request that came through the channel of another peer is refused', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const invited = cluster.coordinator.invite('newcomer');
  const relayed = { invitation: invited, channel: 'relay' };
  t.regex(reasonOf(await apply(cluster, 'newcomer', relayed)), /another peer id than the channel/);
});

test('keys are admitted with a binding record that both signed, for this site, and their first', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const invited = cluster.coordinator.invite('newcomer');
  const nowMs = cluster.clock.nowMs();
  const cases: readonly (readonly [Partial<BindingTerms>, RegExp])[] = [
    [{ federation: 'ab'.repeat(32) as FederationId }, /^binding: id-bind of federation abab/],
    [{ notAfterMs: nowMs }, /^binding: the binding ended/],
    [{ notBeforeMs: nowMs + 60_000 }, /^binding: the binding begins in/],
    [{ site: 'another' }, /the invitation is for "newcomer", the keys are bound for "another"/],
    [{ seq: 2 }, /starts with its binding 1/],
    [{ previous: cluster.federation as string as Digest }, /starts with its binding 1/],
  ];
  for (const [terms, reason] of cases) {
    const application = { invitation: invited, terms };
    t.regex(reasonOf(await apply(cluster, 'newcomer', application)), reason);
  }
  const foreign = { invitation: invited, binding: new Uint8Array(99) };
  t.regex(reasonOf(await apply(cluster, 'newcomer', foreign)), /^binding: /);
  t.is(reasonOf(await apply(cluster, 'newcomer', { invitation: invited })), 'admitted');
});

test('a site refuses to join with an invitation that is not what it says', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const invited = cluster.coordinator.invite('site1');
  const site = cluster.newSite('site1');
  const middle = invited.byteLength >> 1;
  const tampered = invited.with(middle, (invited[middle] ?? 0) ^ 1);
  await t.throwsAsync(site.join(tampered), { code: 'invalid-invitation' });
  await t.notThrowsAsync(site.join(invited));
  await t.throwsAsync(cluster.newSite('late').join(invited), { code: 'join-refused' });
});

test('an outsider may ask to join and nothing else', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const bus = cluster.network.join('outsider');
  t.teardown(() => bus.stop());
  const ask = (protocol: string) =>
    bus.request(cluster.node.transportId, protocol, new Uint8Array(9), { answerBytesMax: 1024 });
  for (const protocol of ['version', 'payload-manifest', 'payload-chunk']) {
    await t.throwsAsync(ask(protocol), { code: 'request-failed' });
  }
  await bus.publish('site', new Uint8Array(9));
  await cluster.clock.advance(100);
  t.is(cluster.node.counted('starling_coordinator_messages_total'), 0);
});
