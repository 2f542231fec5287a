// The operator API on real ports.

import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { PrometheusMeter, SystemClock } from '@starling/adapters';
import {
  CurrentStanding,
  type HttpInput,
  RuntimeError,
  startOperatorServer,
} from '@starling/runtime';
import { type Logger, NO_LOGGER } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { coordinatorFolder } from './operator-cluster.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts';

const ANY_PORT = '127.0.0.1:0';

function start(home: string, http: HttpInput, logger: Logger = NO_LOGGER) {
  const clock = new SystemClock();
  const config = { ...http, insecure: http.insecure ?? false, tls: http.tls ?? null };
  return startOperatorServer(config, {
    ...{ clock, home, logger },
    lookAtLog: async () => ({ detail: '', kind: 'sqlite', reachable: true, where: '-' }),
    meter: new PrometheusMeter(),
    standing: new CurrentStanding(),
  });
}

function withCertificate(t: ExecutionContext) {
  const home = coordinatorFolder(t);
  writeFileSync(join(home, 'cert.pem'), TEST_CERTIFICATE);
  writeFileSync(join(home, 'key.pem'), TEST_KEY, { mode: 0o600 });
  return { home, http: { listen: ANY_PORT, tls: { cert: 'cert.pem', key: 'key.pem' } } };
}

test('with a certificate it speaks TLS 1.3, also to programs without the hybrid group', async (t) => {
  const { home, http } = withCertificate(t);
  const server = await start(home, http);
  t.teardown(() => server.stop());
  const port = Number(new URL(server.url).port);
  t.is(server.url, `https://127.0.0.1:${port}`);
  for (const ecdhCurve of ['X25519MLKEM768', 'X25519']) {
    const asked = get({
      host: '127.0.0.1',
      port,
      path: '/healthz',
      ca: TEST_CERTIFICATE,
      ecdhCurve,
    });
    const [answer] = await once(asked, 'response');
    t.is(answer.statusCode, 200);
    t.regex(answer.headers['strict-transport-security'], /max-age/);
    answer.resume();
    await once(answer, 'end');
  }
  const old = connect({ host: '127.0.0.1', port, ca: TEST_CERTIFICATE, maxVersion: 'TLSv1.2' });
  const [refused] = await once(old, 'error');
  t.regex(String(refused), /protocol version/);
});

test('it refuses other machines without TLS unless told, and then warns', async (t) => {
  const home = coordinatorFolder(t);
  for (const listen of ['0.0.0.0:0', '[::]:0', '192.0.2.1:8080', 'north.example:8080']) {
    const error = await t.throwsAsync(start(home, { listen }), { instanceOf: RuntimeError });
    t.regex(error?.message ?? '', /without TLS.*--http-insecure/);
  }
  const warnings: string[] = [];
  const logger: Logger = { ...NO_LOGGER, warn: (message) => void warnings.push(message) };
  const server = await start(home, { listen: '0.0.0.0:0', insecure: true }, logger);
  await server.stop();
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /no TLS/);
});

test('what is no certificate, a key that others read and a port that is taken are named', async (t) => {
  const { home, http } = withCertificate(t);
  const refused = async (given: HttpInput, code: RuntimeError['code'], words: RegExp) => {
    const error = await t.throwsAsync(start(home, given), {
      instanceOf: RuntimeError,
      message: words,
    });
    t.is(error?.code, code);
  };
  await refused(
    { ...http, tls: { cert: 'none.pem', key: 'key.pem' } },
    'invalid-config',
    /none\.pem cannot be read/,
  );
  await refused(
    { ...http, tls: { cert: 'key.pem', key: 'key.pem' } },
    'invalid-config',
    /no certificate with its key/,
  );
  chmodSync(join(home, 'key.pem'), 0o644);
  await refused(http, 'unsafe-key-file', /readable by others/);
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  await refused({ listen: `127.0.0.1:${port}` }, 'invalid-config', /another program listens there/);
});
