import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { ANSWER_LENGTH_MAX, documentedDeclarations } from './documented-declarations.ts';

const answers = (source: string) => documentedDeclarations(source).map((pair) => pair.answer);
const doc = '/** Says what the thing does. */\n';

test('a function is cut at its body and written on one line', (t) => {
  const source = `/**
   * Reads a file into memory. Throws when there is none.
   * @param path where it lies
   */
  export async function readAll(
    path: string, options: { encoding: string },
  ): Promise<{ text: string }> {
    return { text: '' };
  }`;
  t.deepEqual(documentedDeclarations(source), [
    {
      query: 'Reads a file into memory',
      answer:
        'export async function readAll( path: string, options: { encoding: string }, ): ' +
        'Promise<{ text: string }>',
    },
  ]);
});

test('classes and interfaces lose their bodies, and their members are pairs of their own', (t) => {
  const source = `${doc}export class Queue<T, U> extends Base<T> implements A, B {
    ${doc}  size(): number { return 1 }
    ${doc}  readonly limit?: Map<string, number>;
    ${doc}  get name() { return '' }
  }
  ${doc}declare interface Shape { ${doc} area: number }`;
  t.deepEqual(answers(source), [
    'export class Queue<T, U> extends Base<T> implements A, B',
    'size(): number',
    'readonly limit?: Map<string, number>',
    'get name()',
    'declare interface Shape',
    'area: number',
  ]);
});

test('types keep their braces, values lose theirs', (t) => {
  t.deepEqual(answers(`${doc}type Point = { x: number; y: number };`), [
    'type Point = { x: number; y: number }',
  ]);
  t.deepEqual(answers(`${doc}export const add = (a, b) => { return a + b };`), [
    'export const add = (a, b) =>',
  ]);
  t.deepEqual(answers(`${doc}type Either =\n  | 'left'\n  | 'right'\n\nconst next = 1`), [
    "type Either = | 'left' | 'right'",
  ]);
});

test('a declaration without a semicolon ends with its line', (t) => {
  t.deepEqual(answers(`class A {\n${doc}first: string\nsecond: number\n}`), ['first: string']);
});

test('comments inside strings, templates and regular expressions document nothing', (t) => {
  t.deepEqual(answers(`const a = "/** One two three. */"; const b = 1;`), []);
  t.deepEqual(answers(`const a = \`/** One two three. */ \${1}\`; const b = 1;`), []);
});

test('imports, re-exports, statements and dangling comments are no declarations', (t) => {
  t.deepEqual(answers(`${doc}import a from 'a';`), []);
  t.deepEqual(answers(`${doc}export { a } from 'a';`), []);
  t.deepEqual(answers(`${doc}if (a) b();`), []);
  t.deepEqual(answers(`${doc}${doc}const once = 1;`), ['const once = 1']);
  t.deepEqual(answers(doc), []);
});

test('a long declaration is cut at the limit', (t) => {
  const [answer = ''] = answers(`${doc}type Long = ${"'word' | ".repeat(500)} 'end';`);
  t.true(answer.length <= ANSWER_LENGTH_MAX && answer.startsWith('type Long'));
});

test('hostile sources neither throw nor hang', (t) => {
  const million = 1_000_000;
  const hostile = [
    `/**${' *a'.repeat(million / 3)}`,
    `/${'*'.repeat(million)}`,
    `${doc}\`${'a${'.repeat(million / 3)}`,
    `${doc}"${'\\a'.repeat(million / 2)}`,
    `${doc}type A = ${'<'.repeat(million)}`,
    `${doc}${'('.repeat(million)}`,
    `${doc}const a = ${'x+'.repeat(million / 2)}1;`,
    doc.repeat(million / doc.length),
    `${doc}f(`.repeat(million / 40),
    `/** ${'{@link '.repeat(million / 7)} */ const a = 1;`,
    `/** ${'['.repeat(million)} */ const a = 1;`,
    `/** ${'<a '.repeat(million / 3)} */ const a = 1;`,
    `/** ${'_'.repeat(million)} */ const a = 1;`,
    `${doc}const a = 1;\n/*${'*a'.repeat(4 * million)}`,
    '\0\ufffd\ud800'.repeat(million / 3),
  ];
  for (const source of hostile) t.true(Array.isArray(documentedDeclarations(source)));
});

testProp('any text gives pairs within the limits', [fc.string({ unit: 'binary' })], (t, text) => {
  const pairs = documentedDeclarations(`/** Says what it does. */ ${text}`);
  for (const { answer } of pairs) t.true(answer.length <= ANSWER_LENGTH_MAX);
  t.pass();
});
