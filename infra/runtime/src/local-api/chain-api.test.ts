import { type Digest, NO_LOGGER } from '@starling/shared';
import test from 'ava';
import { Hono } from 'hono';
import { type ChainDesk, findByPrefix } from '../chain-desk.ts';
import type { PatternView, SettingView } from '../chain-view.ts';
import { answerError } from './answer.ts';
import { chainApi } from './chain-api.ts';

const IDS = ['abcd1', 'abcd2', 'ef00'].map((id) => id.padEnd(64, '0'));

const SETTING: SettingView = {
  id: IDS[2] as Digest,
  name: 'a',
  value: 'b',
  status: 'proposed',
  author: null,
  height: null,
  approvals: [],
};

test('an id is a unique beginning of one that the site knows', async (t) => {
  const ask = served();
  t.like(await ask('GET', '/patterns/ef00'), { status: 200, body: { id: IDS[2] } });
  t.like(await ask('GET', `/patterns/${IDS[0]}`), { status: 200, body: { id: IDS[0] } });
  const several = await ask('GET', '/patterns/abcd');
  t.is(several.status, 409);
  t.is(several.body['error'], '2 ids begin with abcd: give more digits');
  const none = await ask('GET', '/patterns/1234');
  t.is(none.body['error'], 'this site knows no pattern 1234');
  for (const odd of ['abc', 'ABCD', 'x'.repeat(8), 'a'.repeat(65)]) {
    const { body, status } = await ask('GET', `/patterns/${odd}`);
    t.is(status, 400, odd);
    t.regex(String(body['error']), /^id: /);
  }
});

test('a veto has a reason of a reasonable length', async (t) => {
  const ask = served();
  const vetoed = await ask('POST', '/patterns/ef00/veto', { reason: ' too slow here ' });
  t.like(vetoed, { status: 200, body: { veto: { reason: 'too slow here' } } });
  for (const body of [{}, { reason: '' }, { reason: '  ' }, { reason: 'x'.repeat(201) }, []]) {
    t.is((await ask('POST', '/patterns/ef00/veto', body)).status, 400);
  }
  t.is((await ask('POST', '/patterns/ef00/veto', { reason: 'a', more: 1 })).status, 400);
});

test('learning takes no options, and the evidence is asked for by its id', async (t) => {
  const ask = served();
  t.like(await ask('POST', '/patterns/learn', {}), { status: 200, body: { learned: 0 } });
  t.is((await ask('POST', '/patterns/learn', { now: true })).status, 400);
  t.is((await ask('GET', '/consensus/evidence/abcd')).status, 409);
});

test('a setting has a name in small letters and a value that is not too long', async (t) => {
  const ask = served();
  const setting = { name: 'poll.sample-size', value: '20' };
  t.like(await ask('POST', '/consensus/settings', setting), { status: 200, body: setting });
  t.is((await ask('POST', `/consensus/settings/${IDS[2]}/approval`, {})).status, 200);
  const odd = [
    { name: 'Poll' },
    { name: '' },
    { value: 'v'.repeat(257) },
    { value: 20 },
    { at: 1 },
  ];
  for (const change of odd) {
    const { status } = await ask('POST', '/consensus/settings', { ...setting, ...change });
    t.is(status, 400, JSON.stringify(change));
  }
});

/** A desk over fixed patterns. */
function served() {
  const patterns = IDS.map((id): PatternView => pattern(id as Digest));
  const find = (id: string) => findByPrefix('pattern', patterns, id);
  const desk: ChainDesk = {
    consensus: () => Promise.reject(new TypeError('not asked here')),
    evidence: async (id) => findByPrefix('evidence', [], id),
    proposeSetting: async (name, value) => ({ ...SETTING, name, value }),
    approveSetting: async (id) => findByPrefix('setting', [SETTING], id),
    patterns: async () => ({ patterns, sites: {} }),
    pattern: async (id) => find(id),
    veto: async (id, reason) => ({ ...find(id), veto: { by: 'operator', reason, sinceMs: 1 } }),
    unveto: async (id) => find(id),
    learn: async () => ({ queries: 0, learned: 0, proposed: [], reasons: [] }),
  };
  const app = new Hono();
  app.onError(answerError(NO_LOGGER));
  app.route('/', chainApi(desk));
  return async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await app.request(path, init);
    return {
      status: response.status,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
}

function pattern(id: Digest): PatternView {
  return {
    id,
    author: id as string as PatternView['author'],
    status: 'proposed',
    efSearch: 32,
    k: 10,
    queries: 60,
    expectedRecallMicros: 950_000,
    boundMicros: null,
    cost: 100,
    radius: 5_000,
    verdicts: { accepts: 0, rejects: 0, abstains: 0 },
    attestations: [],
    decision: null,
    parents: [],
    supersedes: [],
    supersededBy: null,
    veto: null,
    isUsed: false,
  };
}
