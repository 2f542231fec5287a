// A folder of English-like documents, the same for the same numbers: one sub-folder per site, half
// of its documents documented TypeScript, half Markdown sections.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SUBJECTS = ['harbour', 'orchard', 'engine', 'ledger', 'garden', 'signal', 'bridge', 'mill'];
const VERBS = ['opens', 'measures', 'sorts', 'repairs', 'paints', 'counts', 'stores', 'moves'];
const OBJECTS = ['lanterns', 'barrels', 'letters', 'wheels', 'ropes', 'maps', 'seeds', 'bells'];
const TIMES = ['at dawn', 'before noon', 'in winter', 'after rain', 'on Sundays', 'by candle'];

export const SITE_FOLDERS: readonly string[] = ['north', 'east', 'south', 'west'];

/** Writes `documents` documents for each of the names below `folder`. */
export function writeSmallCorpus(
  folder: string,
  names: readonly string[] = SITE_FOLDERS,
  documents = 80,
): void {
  for (const [site, name] of names.entries()) {
    const home = join(folder, name);
    mkdirSync(home, { recursive: true });
    const numbers = Array.from({ length: documents }, (_, i) => site * documents + i);
    const half = Math.floor(documents / 2);
    writeFileSync(join(home, 'code.ts'), numbers.slice(0, half).map(declaration).join('\n'));
    writeFileSync(join(home, 'notes.md'), numbers.slice(half).map(section).join('\n'));
  }
}

function declaration(n: number): string {
  const { subject, verb, object, time } = wordsOf(n);
  return [
    `/** The ${subject} ${verb} its ${object} ${time}, as rule ${n} of the house asks. */`,
    `export function ${verb}${capital(object)}${n}(${subject}: string, ${object}: number): string {`,
    `  return ${subject}.repeat(${object} + ${n});`,
    '}',
    '',
  ].join('\n');
}

function section(n: number): string {
  const { subject, verb, object, time } = wordsOf(n);
  return [
    `## How the ${subject} ${verb} ${object} ${time} (${n})`,
    '',
    `Every ${subject} that ${verb} ${object} ${time} keeps a list with number ${n}. The keeper of`,
    `the ${subject} reads it aloud, and whoever finds a mistake in the ${object} says so at once.`,
    '',
  ].join('\n');
}

function wordsOf(n: number) {
  return {
    subject: pick(SUBJECTS, n),
    verb: pick(VERBS, Math.floor(n / 3)),
    object: pick(OBJECTS, Math.floor(n / 7)),
    time: pick(TIMES, n * 5 + Math.floor(n / 11)),
  };
}

function pick(words: readonly string[], n: number): string {
  return words[n % words.length] ?? '';
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
