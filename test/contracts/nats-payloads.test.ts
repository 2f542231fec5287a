// What a coordinator offers is on NATS servers too: whoever takes over has it without a member's help.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MemoryNetwork,
  openNatsPayloads,
  openPayloadExchange,
  type PayloadExchangeDependencies,
} from '@starling/adapters';
import { PayloadError } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { hasNatsServer, NatsServer } from './nats-servers.ts';
import { temporaryFolder } from './temporary-folder.ts';

const NOBODY = { providers: [] };
const NEVER = new AbortController().signal;

if (!hasNatsServer) {
  test.skip('NATS payloads: nats-server is not here (Debian: nats-server)', () => {});
} else {
  let home = '';
  let server: NatsServer | undefined;
  test.before(async () => {
    home = await mkdtemp(join(tmpdir(), 'starling-payloads-'));
    server = await NatsServer.start(home);
  });
  test.after.always(async () => {
    await server?.kill();
    await rm(home, { recursive: true, force: true });
  });

  /** A coordinator's exchange on a machine of its own. */
  const machine = async (t: ExecutionContext, log: string) => {
    const bus = new MemoryNetwork().join('coordinator');
    const parts: PayloadExchangeDependencies = { bus, folder: join(temporaryFolder(t), 'p') };
    const local = await openPayloadExchange(parts);
    const servers = server === undefined ? [] : [server.address];
    const kept = await openNatsPayloads({ log, name: 'test', replicas: 1, servers });
    t.teardown(async () => {
      await kept.stop();
      await local.stop();
    });
    return { ...kept.beside(local), bring: () => kept.bringTo(local, NEVER), local };
  };

  test('a payload that one coordinator offered is another’s, whatever its size', async (t) => {
    const [one, other] = [await machine(t, 'offered'), await machine(t, 'offered')];
    for (const size of [0, 1, 256 * 1024, 700_001]) {
      const bytes = new Uint8Array(size).map((_, i) => i % 251);
      const ref = await one.offer(bytes);
      t.deepEqual(new Uint8Array(await other.fetch(ref, NOBODY)), bytes);
      t.true(await other.has(ref), 'it serves it from now on');
    }
  });

  test('whoever takes over serves what the former one offered, before anybody fetched it', async (t) => {
    const [one, other] = [await machine(t, 'brought'), await machine(t, 'brought')];
    const offers = [3, 600_000].map((size) => one.offer(new Uint8Array(size).fill(5)));
    const refs = await Promise.all(offers);
    for (const ref of refs) t.false(await other.local.has(ref));
    await other.bring();
    for (const ref of refs) t.true(await other.local.has(ref));
    await other.bring();
  });

  test('what is not retained is gone from the servers too, the rest is not', async (t) => {
    const [one, other] = [await machine(t, 'retained'), await machine(t, 'retained')];
    const kept = await one.offer(Uint8Array.of(1));
    const dropped = await one.offer(new Uint8Array(300_000));
    await one.retain(new Set([kept.root]));
    t.deepEqual(new Uint8Array(await other.fetch(kept, NOBODY)), Uint8Array.of(1));
    const error = await t.throwsAsync(other.fetch(dropped, NOBODY), { instanceOf: PayloadError });
    t.is(error?.code, 'unavailable');
  });
}
