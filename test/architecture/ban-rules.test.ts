// Planted violations of the bans, each beside what looks like one and is allowed.

import test from 'ava';
import { banViolations } from './ban-rules.ts';
import { parseSource } from './source-file.ts';
import { describeViolation } from './violation.ts';

function rulesIn(path: string, text: string): string[] {
  return banViolations(parseSource(path, text)).map(({ rule }) => rule);
}

const caught: Readonly<Record<string, readonly string[]>> = {
  clock: [
    'const at = Date.now();',
    'const at = new Date();',
    'const at = new Date;',
    'const at = Date();',
    'const at = performance.now();',
    'const at = globalThis.performance.now();',
    'const at = process.hrtime.bigint();',
    'const at = `${' + 'Date.now()}`;',
  ],
  randomness: [
    'const r = Math.random();',
    'const draw = Math.random;',
    'crypto.getRandomValues(bytes);',
    'globalThis.crypto.randomUUID();',
  ],
  timer: [
    'setTimeout(act, 5);',
    'globalThis.setInterval(act, 5);',
    'setImmediate(act);',
    'const signal = AbortSignal.timeout(5);',
  ],
  process: ['const [first] = process.argv;', "const home = process.env['HOME'];"],
  note: ['// TODO later', '/* FIXME */'],
  silenced: ['// @ts-expect-error', '// @ts-nocheck'],
};

for (const [rule, texts] of Object.entries(caught)) {
  test(`${rule} is caught in a room without the right`, (t) => {
    for (const text of texts) {
      t.deepEqual(rulesIn('node/peer/src/a.ts', text), [rule], text);
    }
  });
}

test('conversions, members of other objects, strings and comments pass', (t) => {
  const text = `
    // Date.now() and setTimeout stay out of here
    const when = new Date(atMs).toISOString();
    const parsed = Date.parse(text);
    const cancel = this.timers.setTimeout(act, 5);
    const text = 'Math.random()';
    const pattern = /Date.now()/;
    const shape: { at: Date; random(): number } = value;
    const now = clock.now();
    const platform = process.platform;
  `;
  t.deepEqual(rulesIn('node/peer/src/a.ts', text), []);
});

test('adapters and composition roots read the clock, tests too', (t) => {
  for (const path of [
    'infra/adapters/src/a.ts',
    'infra/runtime/src/a.ts',
    'shared/src/a.test.ts',
  ]) {
    t.deepEqual(rulesIn(path, 'setTimeout(act, Date.now() * Math.random());'), [], path);
  }
});

test('argv and env belong to the command alone', (t) => {
  t.deepEqual(rulesIn('infra/cli/src/a.ts', 'run(process.argv, process.env);'), []);
  const twice = ['process', 'process'];
  t.deepEqual(rulesIn('infra/runtime/src/a.ts', 'run(process.argv, process.env);'), twice);
  t.deepEqual(rulesIn('infra/adapters/src/a.ts', 'run(process.env);'), ['process']);
});

test('a violation says where it is, which rule it breaks and what to do', (t) => {
  const [found] = banViolations(parseSource('consensus/src/a.ts', '\n\nMath.random();'));
  t.truthy(found);
  if (found === undefined) return;
  t.is(
    describeViolation(found),
    'consensus/src/a.ts:3 [randomness] Math.random: take a seeded generator or bytes from the caller',
  );
});
