// What proved channels keep from whoever does not hold the key: over every MessageBus, nothing but
// the proof passes before it, and no answer but the right one passes for it.

import { createIdentity, type Identity, PROVE_WITHIN_MS } from '@starling/crypto';
import type { FederationId, TransportId } from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';
import {
  bytes,
  type CreateBuses,
  codeOf,
  connect,
  connectionsUntil,
  Heard,
  text,
} from './bus-fixture.ts';
import {
  ANSWER,
  challengeBy,
  KnownRoster,
  LIMITS,
  nonceOf,
  ProvingEnd,
  proofOf,
  until,
} from './proving-ends.ts';

export function hostileChannelContract(test: TestFn, adapter: string, create: CreateBuses): void {
  hostileContract(test, adapter, create);
  silenceContract(test, adapter, create);
}

/** One honest end and a bus that does what a test wants. */
async function hostileEnd(t: ExecutionContext, create: CreateBuses) {
  const [bus, mallory] = await create(t, 2);
  if (bus === undefined || mallory === undefined) throw new Error('two buses were asked for');
  const victim = new ProvingEnd(bus, new KnownRoster());
  const key = createIdentity();
  victim.roster.put(mallory.self, key);
  victim.roster.put(bus.self, victim.identity);
  victim.channels.start();
  t.teardown(() => victim.channels.stop());
  return { victim, mallory, key };
}

type Hostile = Awaited<ReturnType<typeof hostileEnd>>;

type Answer = (hostile: Hostile, challenge: Uint8Array, stolen: Uint8Array) => Uint8Array;

const other = createIdentity();
const elsewhere = 'ab'.repeat(32) as FederationId;
const stranger = '12D3KooWSomebodyElseAltogether' as TransportId;
const right = ({ victim, mallory, key }: Hostile) => [mallory, victim.bus.self, key] as const;

/** Signed by another key, under the member's name. */
function forged(key: Identity): Identity {
  return { ...other, member: key.member };
}

const answers: readonly (readonly [string, string, Answer])[] = [
  [
    'a peer id without its ML-DSA key',
    'unknown-sender',
    ({ victim, mallory }, nonce) => proofOf(mallory, victim.bus.self, other, nonce),
  ],
  [
    'a forged signature',
    'bad-signature',
    ({ victim, mallory, key }, nonce) => proofOf(mallory, victim.bus.self, forged(key), nonce),
  ],
  [
    'a proof to somebody else',
    'not-permitted',
    (it, nonce) => proofOf(...right(it), nonce, { verifier: stranger }),
  ],
  [
    'a proof of somebody else',
    'not-permitted',
    (it, nonce) => proofOf(...right(it), nonce, { prover: stranger }),
  ],
  [
    'a proof in the other direction',
    'not-permitted',
    (it, nonce) =>
      proofOf(...right(it), nonce, { prover: it.victim.bus.self, verifier: it.mallory.self }),
  ],
  [
    'a proof in another role',
    'not-permitted',
    (it, nonce) => proofOf(...right(it), nonce, { role: 'coordinator' }),
  ],
  [
    'a proof for another federation',
    'wrong-federation',
    (it, nonce) => proofOf(...right(it), nonce, { federation: elsewhere }),
  ],
  [
    'an answer to another challenge',
    'replay',
    (it, nonce) => proofOf(...right(it), nonce, { challenge: new Uint8Array(32) }),
  ],
  [
    'a nonce that is reflected',
    'replay',
    (it, nonce) => proofOf(...right(it), nonce, { nonce: nonceOf(nonce) }),
  ],
  ['the proof of the victim itself', 'unknown-sender', (_, __, stolen) => stolen],
  ['no bytes', 'malformed-cbor', () => new Uint8Array()],
  ['the challenge itself', 'wrong-shape', (_, nonce) => nonce],
  ['bytes without a meaning', 'malformed-cbor', () => new Uint8Array(4000).fill(0xff)],
];

function hostileContract(test: TestFn, adapter: string, create: CreateBuses): void {
  for (const [title, outcome, answer] of answers) {
    test(`${adapter}: ${title} is refused and the connection closed`, async (t) => {
      const hostile = await hostileEnd(t, create);
      const { victim, mallory } = hostile;
      const heard = new Heard();
      victim.bus.subscribe('site', heard.handler());
      victim.bus.handle('secret', async () => bytes('secret'), LIMITS);
      mallory.handle(
        'auth',
        async (challenge, from) => {
          const stolen = await challengeBy(mallory, from, nonceOf(challenge)[0]);
          void codeOf(mallory.request(from, 'secret', bytes('x'), ANSWER));
          await mallory.publish('site', bytes('from mallory'));
          return answer(hostile, challenge, stolen);
        },
        LIMITS,
      );
      await mallory.connect(victim.bus.addresses()[0] ?? '');
      await until(() => victim.outcomes(outcome) === 1);
      await connectionsUntil(victim.bus, () => victim.bus.connections().length === 0);
      t.deepEqual(victim.channels.peers, []);
      t.is(victim.outcomes('proved'), 0);
      t.deepEqual(heard.all, []);
    });
  }

  test(`${adapter}: the same answers pass when they are right`, async (t) => {
    const hostile = await hostileEnd(t, create);
    const { victim, mallory } = hostile;
    mallory.handle('auth', async (nonce) => proofOf(...right(hostile), nonce), LIMITS);
    await mallory.connect(victim.bus.addresses()[0] ?? '');
    await until(() => victim.outcomes('proved') === 1);
    t.deepEqual(victim.channels.peers, [mallory.self]);
  });

  test(`${adapter}: a proof that was good once is good for nothing afterwards`, async (t) => {
    const hostile = await hostileEnd(t, create);
    const { victim, mallory } = hostile;
    let recorded: Uint8Array | undefined;
    mallory.handle(
      'auth',
      async (nonce) => (recorded ??= proofOf(...right(hostile), nonce)),
      LIMITS,
    );
    await mallory.connect(victim.bus.addresses()[0] ?? '');
    await until(() => victim.outcomes('proved') === 1);
    const [connection] = mallory.connections();
    mallory.admitOnly((_, __, id) => id !== connection?.id);
    await connectionsUntil(victim.bus, () => victim.bus.connections().length === 0);
    await mallory.connect(victim.bus.addresses()[0] ?? '');
    await until(() => victim.outcomes('replay') === 1);
    await connectionsUntil(victim.bus, () => victim.bus.connections().length === 0);
    t.deepEqual(victim.channels.peers, []);
  });
}

function silenceContract(test: TestFn, adapter: string, create: CreateBuses): void {
  test(`${adapter}: whoever stays silent passes nothing and is closed in time`, async (t) => {
    const { victim, mallory } = await hostileEnd(t, create);
    const heard = new Heard();
    victim.bus.subscribe('site', heard.handler());
    let served = 0;
    victim.bus.handle('secret', async () => bytes(String(++served)), LIMITS);
    let asked = 0;
    mallory.handle('auth', () => new Promise(() => asked++), LIMITS);
    await mallory.connect(victim.bus.addresses()[0] ?? '');
    await until(() => asked === 1);
    const secret = codeOf(mallory.request(victim.bus.self, 'secret', bytes('x'), ANSWER));
    t.is(await mallory.publish('site', bytes('psst')), 0);
    await victim.clock.advance(PROVE_WITHIN_MS - 1);
    t.is(victim.bus.connections().length, 1);
    await victim.clock.advance(1);
    await connectionsUntil(victim.bus, () => victim.bus.connections().length === 0);
    t.not(await secret, 'answered');
    t.is(served, 0);
    t.deepEqual(heard.all, []);
    t.is(victim.outcomes('silent'), 1);
    t.is(victim.clock.pending, 0);
  });

  test(`${adapter}: a stranger is neither answered nor kept`, async (t) => {
    const [bus, guest] = await create(t, 2);
    if (bus === undefined || guest === undefined) return t.fail();
    const isOpenTo = (use: string) => use === 'connection' || use === 'join';
    const victim = new ProvingEnd(bus, new KnownRoster(), { isOpenTo });
    victim.channels.start();
    t.teardown(() => victim.channels.stop());
    victim.bus.handle('join', async () => bytes('not today'), LIMITS);
    await connect(guest, bus);
    t.is(await codeOf(challengeBy(guest, bus.self)), 'request-failed');
    t.is(text(await guest.request(bus.self, 'join', bytes('x'), ANSWER)), 'not today');
    await victim.clock.advance(PROVE_WITHIN_MS);
    await connectionsUntil(guest, () => guest.connections().length === 0);
    t.is(victim.outcomes('proved'), 0);
  });

  test(`${adapter}: odd challenges are refused, and few are answered`, async (t) => {
    const hostile = await hostileEnd(t, create);
    const { victim, mallory } = hostile;
    mallory.handle('auth', async (nonce) => proofOf(...right(hostile), nonce), LIMITS);
    await mallory.connect(victim.bus.addresses()[0] ?? '');
    await until(() => victim.outcomes('proved') === 1);
    const ask = (challenge: Uint8Array) =>
      codeOf(mallory.request(victim.bus.self, 'auth', challenge, ANSWER));
    for (const odd of [bytes(''), bytes('prove it'), new Uint8Array(64), new Uint8Array(5000)]) {
      t.is(await ask(odd), 'request-failed');
    }
    t.true(victim.outcomes('malformed-cbor') + victim.outcomes('wrong-shape') >= 2);
    let answered = 0;
    for (let i = 0; i < 40; i++) {
      const code = await codeOf(challengeBy(mallory, victim.bus.self, i));
      if (code === 'answered') answered++;
    }
    t.is(answered, 32);
    t.deepEqual(victim.channels.peers, [mallory.self]);
  });
}
