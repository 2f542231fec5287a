import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_LOGGER, z } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { Hono } from 'hono';
import { RuntimeError } from '../runtime-error.ts';
import { answerError } from './answer.ts';
import { type ControlFile, readControl, writeControl } from './control-file.ts';
import { LocalClient } from './local-client.ts';
import { requireToken, serveLocally } from './serve-locally.ts';

test('without the token nothing is answered, with it a bad body is refused by its path', async (t) => {
  const { control } = await served(t, 'peer');
  const url = `http://127.0.0.1:${control.port}/search`;
  const ask = (headers: Record<string, string>, body: string) =>
    fetch(url, { method: 'POST', headers, body });
  t.is((await ask({}, '{}')).status, 401);
  t.is(
    (await ask({ authorization: `Bearer ${'x'.repeat(control.token.length)}` }, '{}')).status,
    401,
  );
  const token = { authorization: `Bearer ${control.token}` };
  const bad = await ask(token, '{"k":0,"text":"a"}');
  t.is(bad.status, 400);
  t.regex(((await bad.json()) as { error: string }).error, /^k: /);
  t.is((await ask(token, 'no JSON')).status, 400);
  t.is((await ask(token, '{"k":1,"text":"a"}')).status, 200);
});

test("the control file is its owner's alone, and goes when the server stops", async (t) => {
  const { home, stop } = await served(t, 'peer');
  t.is(statSync(join(home, 'control.json')).mode & 0o777, 0o600);
  await stop();
  t.is(await readControl(home), undefined);
  await refused(t, () => LocalClient.open(home), 'not-running', /nothing runs on/);
});

test('refusals, faults and another role come back as typed errors', async (t) => {
  const { home } = await served(t, 'peer');
  const client = await LocalClient.open(home);
  await refused(t, () => client.search('a', 0), 'request-refused', /^k: /);
  await refused(t, () => client.peerStatus(), 'request-refused', /unexpected failure/);
  await refused(t, () => client.samples(), 'request-refused', /refused with status 404/);
  await refused(t, () => client.ledger(), 'not-a-site', /a peer runs on .* coordinator's folder/);
});

test('a control file that a killed process left names no running site', async (t) => {
  const { home, control, stop } = await served(t, 'peer');
  await writeControl(home, { ...control, token: 'of an earlier process' });
  const client = await LocalClient.open(home);
  await refused(t, () => client.samples(), 'not-running', /nothing runs on/);
  await stop();
  await writeControl(home, control);
  await refused(t, () => client.samples(), 'not-running', /nothing runs on/);
});

async function refused(
  t: ExecutionContext,
  action: () => Promise<unknown>,
  code: RuntimeError['code'],
  message: RegExp,
): Promise<void> {
  const error = await t.throwsAsync(action, { instanceOf: RuntimeError, message });
  t.is(error?.code, code);
}

async function served(t: ExecutionContext, role: ControlFile['role']) {
  const home = mkdtempSync(join(tmpdir(), 'starling-'));
  const schema = z.strictObject({ k: z.int().min(1), text: z.string() });
  const server = await serveLocally(home, role, (token) => {
    const app = new Hono();
    app.onError(answerError(NO_LOGGER));
    app.use(requireToken(token));
    app.get('/status', () => {
      throw new TypeError('a fault');
    });
    app.post('/search', async (context) => {
      schema.parse(await context.req.json());
      return context.json({ hits: [] });
    });
    return app;
  });
  t.teardown(async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  });
  const control = await readControl(home);
  if (control === undefined) throw new Error('no control file');
  return { home, control, stop: () => server.stop() };
}
