import {
  type Checked,
  type FederationId,
  type Genesis,
  genesis,
  type Invitation,
  invitation,
  NO_FEDERATION,
  type TransportId,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { digestOf } from './digest.ts';
import { createIdentity } from './identity.ts';
import { openGenesis, openInvitation } from './open-invitation.ts';
import { bodyDigest, sealMessage } from './seal-message.ts';

const federation = 'fe'.repeat(32) as FederationId;
const nowMs = 1_760_000_000_000;
const [alice, mallory] = [createIdentity(), createIdentity()];
const digest = digestOf(Uint8Array.of(1));
const peer = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5' as TransportId;

function refusedAs(t: ExecutionContext, result: Checked<unknown>, reason: string): void {
  t.is(result.ok ? 'ok' : result.refusal.reason, reason);
}

const founding: Genesis = {
  administrators: [{ member: alice.member, publicKey: alice.publicKey }],
  coordinator: { member: alice.member, publicKey: alice.publicKey },
  createdAtMs: nowMs,
  name: 'seven birds',
  rewards: { acceptedUpdate: 1, supply: 1000, vote: 1 },
  threshold: 1,
  task: {
    aggregation: { mode: 'plain' },
    app: null,
    clippingNormMicros: 1_000_000,
    encoder: { buckets: 64, dimension: 8 },
    seed: 1,
    training: {
      batchSize: 2,
      learningRateMicros: 1000,
      localEpochs: 1,
      temperatureMicros: 50_000,
    },
  },
};

function invitationBy(identity: typeof alice, genesisFrame: Uint8Array, of: FederationId) {
  const body: Invitation = {
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
    coordinator: peer,
    genesis: genesisFrame,
    nonce: digest,
    rosterSeq: 1,
    site: 'north',
  };
  return sealMessage(identity, invitation, { federation: of, body, seq: 1, nowMs });
}

test('a genesis opens under its own key and names its federation', (t) => {
  const bytes = sealMessage(alice, genesis, { federation: NO_FEDERATION, body: founding });
  const opened = openGenesis(bytes);
  if (!opened.ok) return t.fail(opened.refusal.detail);
  t.is(opened.value.federation as string, bodyDigest(genesis, founding) as string);
  const stolen = sealMessage(mallory, genesis, { federation: NO_FEDERATION, body: founding });
  refusedAs(t, openGenesis(stolen), 'bad-signature');
  const coordinator = { member: mallory.member, publicKey: alice.publicKey };
  for (const change of [{ coordinator }, { administrators: [coordinator] }]) {
    const body = { ...founding, ...change };
    const mixed = sealMessage(alice, genesis, { federation: NO_FEDERATION, body });
    refusedAs(t, openGenesis(mixed), 'wrong-shape');
  }
});

test('a genesis needs no more signatures than it has administrators, each named once', (t) => {
  const [own] = founding.administrators;
  const other = { member: mallory.member, publicKey: mallory.publicKey };
  if (own === undefined) return t.fail();
  const both = own.member < other.member ? [own, other] : [other, own];
  const seal = (change: Partial<Genesis>) => () =>
    sealMessage(alice, genesis, { federation: NO_FEDERATION, body: { ...founding, ...change } });
  t.notThrows(seal({ administrators: both, threshold: 2 }));
  for (const change of [
    { threshold: 2 },
    { threshold: 0 },
    { administrators: [] },
    { administrators: both.toReversed(), threshold: 2 },
    { administrators: [own, own], threshold: 2 },
  ]) {
    t.throws(seal(change), { instanceOf: TypeError });
  }
});

test('an invitation opens under the coordinator of the genesis it carries', (t) => {
  const genesisFrame = sealMessage(alice, genesis, { federation: NO_FEDERATION, body: founding });
  const own = bodyDigest(genesis, founding) as string as FederationId;
  const opened = openInvitation(invitationBy(alice, genesisFrame, own), nowMs);
  if (!opened.ok) return t.fail(opened.refusal.detail);
  t.is(opened.value.federation, own);
  t.is(opened.value.invitation.body.site, 'north');
  const stranger = openInvitation(invitationBy(mallory, genesisFrame, own), nowMs);
  refusedAs(t, stranger, 'unknown-sender');
  const elsewhere = openInvitation(invitationBy(alice, genesisFrame, federation), nowMs);
  refusedAs(t, elsewhere, 'wrong-federation');
  const late = openInvitation(invitationBy(alice, genesisFrame, own), nowMs * 2);
  refusedAs(t, late, 'expired');
  const empty = openInvitation(invitationBy(alice, new Uint8Array(0), own), nowMs);
  refusedAs(t, empty, 'malformed-cbor');
});
