import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { isBoilerplateFile, markdownSections, SECTION_LENGTH_MAX } from './markdown-sections.ts';

const prose = 'A queue keeps what waits, in the order of arrival, until somebody takes it.';

test('a section is asked for by title and heading and answered by its prose', (t) => {
  const source = `# Queues\n\n## How it **works**\n\n${prose} See [docs](http://a.b).\n\n- one\n- two\n`;
  t.deepEqual(markdownSections(source, 'README.md', 'queues'), [
    { query: 'Queues How it works', answer: `${prose} See docs. - one - two` },
  ]);
});

test('prose under the title answers the title, and without one the fallback stands in', (t) => {
  t.is(markdownSections(`# Queues\n\n${prose}`, 'a.md', 'x')[0]?.query, 'Queues');
  t.is(markdownSections(`## Use\n\n${prose}`, 'a.md', 'queues')[0]?.query, 'queues Use');
});

test('boilerplate sections are left out', (t) => {
  for (const heading of ['License', '📜 Licence', 'Changelog', 'Contributing', 'Installation']) {
    t.deepEqual(markdownSections(`# Q\n\n## ${heading}\n\n${prose}`, 'README.md', 'q'), []);
  }
  t.deepEqual(markdownSections(`# Q\n\n## Table of Contents\n\n${prose}`, 'README.md', 'q'), []);
});

test('licence and change log files are left out by name', (t) => {
  for (const name of ['LICENSE', 'LICENSE-MIT.md', 'CHANGELOG.md', 'HISTORY.md', 'changes.md']) {
    t.true(isBoilerplateFile(name), name);
    t.deepEqual(markdownSections(`# Q\n\n## Use\n\n${prose}`, name, 'q'), []);
  }
  t.false(isBoilerplateFile('README.md'));
});

test('short sections are no answers', (t) => {
  t.deepEqual(markdownSections('# Q\n\n## Use\n\nSee there.', 'README.md', 'q'), []);
});

test('hostile documents neither throw nor hang', (t) => {
  const hostile = [
    '>'.repeat(200_000),
    '- '.repeat(4000),
    '* a\n'.repeat(20_000),
    '# a\n'.repeat(100_000),
    `## a\n\n${'['.repeat(1_000_000)}`,
    `## a\n\n${'*a '.repeat(300_000)}`,
    '```'.repeat(100_000),
    '|'.repeat(9000),
    '<!--'.repeat(2000),
    '\0\ufffd'.repeat(300_000),
  ];
  for (const source of hostile) t.true(Array.isArray(markdownSections(source, 'a.md', 'a')));
});

testProp('any text gives pairs within the limits', [fc.string({ unit: 'binary' })], (t, text) => {
  for (const { answer } of markdownSections(`# a\n\n## b\n\n${text}`, 'a.md', 'a')) {
    t.true(answer.length <= SECTION_LENGTH_MAX);
  }
  t.pass();
});
