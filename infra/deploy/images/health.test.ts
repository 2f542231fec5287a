import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { healthOf } from './health.ts';

async function answering(status: number, body: object) {
  const server = createServer((request, response) => {
    const isKnown = request.headers.authorization === 'Bearer secret';
    response.writeHead(isKnown ? status : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const home = await mkdtemp(join(tmpdir(), 'starling-health-'));
  const { port } = server.address() as AddressInfo;
  await writeFile(join(home, 'control.json'), JSON.stringify({ pid: 1, port, token: 'secret' }));
  return {
    home,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await rm(home, { recursive: true });
    },
  };
}

test('who answers is healthy, and so is a coordinator that stands by', async (t) => {
  await using running = await answering(200, {});
  t.deepEqual(await healthOf(running.home), { healthy: true, state: 'running' });
  await using standing = await answering(409, { code: 'not-leading', error: 'another leads' });
  t.deepEqual(await healthOf(standing.home), { healthy: true, state: 'stands by' });
});

test('who refuses, or is not there, is not', async (t) => {
  await using broken = await answering(500, { code: 'internal' });
  t.deepEqual(await healthOf(broken.home), { healthy: false, why: 'it answers 500' });
  t.like(await healthOf(join(broken.home, 'nowhere')), { healthy: false });
});
