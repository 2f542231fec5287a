import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LeaseLeadership,
  type LeaseRegister,
  ManualClock,
  MemoryLeaseRegister,
  openNatsLeaseRegister,
} from '@starling/adapters';
import { EventLogError } from '@starling/shared';
import test, { type TestFn } from 'ava';
import { leaseRegisterContract } from './leadership.contract.ts';
import { hasNatsServer, NatsServer } from './nats-servers.ts';

const LEASE_MS = 4_000;

const memory = new Map<string, MemoryLeaseRegister>();
leaseRegisterContract(test as TestFn, 'memory lease', async (shared) => {
  const register = memory.get(shared) ?? new MemoryLeaseRegister();
  memory.set(shared, register);
  return register;
});

if (!hasNatsServer) {
  test.skip('NATS lease: nats-server is not here (Debian: nats-server)', () => {});
} else {
  let home = '';
  let server: NatsServer | undefined;
  test.before(async () => {
    home = await mkdtemp(join(tmpdir(), 'starling-lease-'));
    server = await NatsServer.start(home);
  });
  test.after.always(async () => {
    await server?.kill();
    await rm(home, { recursive: true, force: true });
  });
  leaseRegisterContract(test as TestFn, 'NATS lease', async (shared) => {
    const servers = server === undefined ? [] : [server.address];
    return openNatsLeaseRegister({ log: shared, name: 'test', replicas: 1, servers });
  });
}

/** A register whose holder's machine can be cut off from it. */
function cutOff(register: LeaseRegister) {
  let isCut = false;
  const guarded = <T>(work: () => Promise<T>): Promise<T> =>
    isCut ? Promise.reject(new EventLogError('storage', 'cut off')) : work();
  const own: LeaseRegister = {
    read: () => guarded(() => register.read()),
    write: (record, expected) => guarded(() => register.write(record, expected)),
    stop: () => register.stop(),
  };
  return {
    own,
    cut: () => {
      isCut = true;
    },
  };
}

function contenders() {
  const clock = new ManualClock();
  const register = new MemoryLeaseRegister();
  const { cut, own } = cutOff(register);
  const terms = (holder: string) => ({ holder, leaseMs: LEASE_MS });
  const one = new LeaseLeadership(own, clock, terms('one'));
  const other = new LeaseLeadership(register, clock, terms('other'));
  return { clock, cut, one, other };
}

test('a lease is renewed as long as its holder lives, and nobody else gets it', async (t) => {
  const { clock, one, other } = contenders();
  const lease = await one.acquire(AbortSignal.timeout(60_000));
  t.is(lease.formerUntilMs, 0);
  const waiting = new AbortController();
  const seen: string[] = [];
  const refused = t.throwsAsync(other.acquire(waiting.signal, (holder) => seen.push(holder)));
  await clock.advance(20 * LEASE_MS);
  t.false(lease.lost.aborted);
  t.deepEqual([...new Set(seen)], ['one']);
  waiting.abort(new Error('enough'));
  t.is((await refused)?.message, 'enough');
  await one.stop();
  t.is(clock.pending, 0);
});

test('a holder that cannot renew loses the lease before another has it', async (t) => {
  const { clock, cut, one, other } = contenders();
  const { signal } = new AbortController();
  const lease = await one.acquire(signal);
  let lostWhenTaken: boolean | undefined;
  const taken = other.acquire(signal).then((next) => {
    lostWhenTaken = lease.lost.aborted;
    return next;
  });
  await clock.advance(LEASE_MS);
  cut();
  const cutAtMs = clock.nowMs();
  await clock.advance(LEASE_MS / 2);
  t.is(lostWhenTaken, undefined);
  await clock.advance(LEASE_MS);
  t.true(lostWhenTaken);
  const next = await taken;
  t.true(next.token > lease.token);
  t.true(next.formerUntilMs >= cutAtMs, 'above whatever the former one stamped');
  await other.stop();
});

test('a lease that was given up is taken without waiting for its end', async (t) => {
  const { clock, one, other } = contenders();
  const { signal } = new AbortController();
  const lease = await one.acquire(signal);
  const taken = other.acquire(signal);
  await clock.advance(LEASE_MS / 4);
  await lease.release();
  t.true(lease.lost.aborted);
  await clock.advance(LEASE_MS / 4);
  t.true((await taken).token > lease.token);
  await other.stop();
});

test('a lease that is too short, or nobody’s, is refused with the limit', (t) => {
  const make = (holder: string, leaseMs: number) => () =>
    new LeaseLeadership(new MemoryLeaseRegister(), new ManualClock(), { holder, leaseMs });
  t.throws(make('one', 499), { message: 'leaseMs >= 500 is violated: 499' });
  t.throws(make('', 500), { message: /name of its holder/ });
});
