import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { openNatsEventLog } from '@starling/adapters';
import { makeNatsUser, RuntimeError } from '@starling/runtime';
import { EventLogError } from '@starling/shared';
import test from 'ava';
import { event, textsOf } from './event-log.contract.ts';
import { hasOpenssl, natsAccess } from './nats-access.ts';
import { hasNatsServer, NatsServer } from './nats-servers.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('an nkey is written for its owner alone, once', async (t) => {
  const file = join(temporaryFolder(t), 'one.nkey');
  t.regex(await makeNatsUser(file), /^U[A-Z2-7]{55}$/);
  await t.throwsAsync(makeNatsUser(file), { instanceOf: RuntimeError, code: 'invalid-option' });
});

if (!hasNatsServer || !hasOpenssl) {
  const missing = hasNatsServer ? 'openssl' : 'nats-server';
  test.skip(`NATS access: ${missing} is not here (Debian: ${missing})`, () => {});
} else {
  test('NATS servers with TLS let the nkey in that they list, and nobody else', async (t) => {
    const folder = temporaryFolder(t);
    const [nkeyFile, otherFile] = [join(folder, 'ours.nkey'), join(folder, 'other.nkey')];
    const { args, caFile } = natsAccess(folder, await makeNatsUser(nkeyFile));
    await makeNatsUser(otherFile);
    mkdirSync(join(folder, 'server'));
    const server = await NatsServer.start(join(folder, 'server'), args);
    t.teardown(() => server.kill());
    const base = { servers: [server.address], name: 'test', log: 'closed', replicas: 1 } as const;
    const refused = (options: object) =>
      t.throwsAsync(openNatsEventLog({ ...base, ...options }), { instanceOf: EventLogError });

    // An authority that did not sign the server's certificate, here the public ones.
    t.regex((await refused({ nkeyFile }))?.message ?? '', /certificate|self-signed/i);
    // As the bus leaves it: reconnecting must not depend on who came first.
    tls.DEFAULT_ECDH_CURVE = 'X25519MLKEM768';
    const log = await openNatsEventLog({ ...base, caFile, nkeyFile });
    t.teardown(() => log.stop());
    t.is(await log.append([event('kept')], 0), 1);
    t.deepEqual(await textsOf(log), ['kept']);

    t.regex((await refused({ caFile }))?.message ?? '', /authorization/i);
    t.regex((await refused({ caFile, nkeyFile: otherFile }))?.message ?? '', /authorization/i);
  });

  test('a NATS server whose certificate names another machine is refused', async (t) => {
    const folder = temporaryFolder(t);
    const nkeyFile = join(folder, 'ours.nkey');
    const { args, caFile } = natsAccess(folder, await makeNatsUser(nkeyFile), 'DNS:elsewhere');
    mkdirSync(join(folder, 'server'));
    const server = await NatsServer.start(join(folder, 'server'), args);
    t.teardown(() => server.kill());
    const options = {
      servers: [server.address],
      name: 'test',
      log: 'closed',
      replicas: 1,
    } as const;
    const error = await t.throwsAsync(openNatsEventLog({ ...options, caFile, nkeyFile }));
    t.regex(error?.message ?? '', /altnames/);
  });
}
