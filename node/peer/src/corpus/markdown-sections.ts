// Markdown → pairs by marked's lexer (CommonMark and GFM): the query is the document's title and a
// heading, the answer is the prose under that heading.
import { marked, type Token, type Tokens } from 'marked';
import { plainText } from './doc-comment.ts';
import type { Pair } from './pairs.ts';

/** Characters of one document that are read, and of one section that are kept. */
export const MARKDOWN_LENGTH_MAX = 1024 * 1024;
export const SECTION_LENGTH_MAX = 1500;
const SECTION_LENGTH_MIN = 40;
const QUERY_LENGTH_MAX = 200;
const HEADINGS_MAX = 2000;
/** Characters of one line: longer ones are data, and slow to lex. */
const lineLengthMax = 10_000;

const boilerplateHeading =
  /^(?:(?:table of )?contents?|toc|licen[cs]e|licensing|copyright|change ?log|history|release notes|releases|contribut(?:e|ing|ors?|ions?)|code of conduct|install(?:ation|ing)?|getting started|authors?|maintainers?|credits|acknowledge?ments?|thanks|sponsors?|backers|support|donat(?:e|ions?)|badges?|security|funding|related|links?|see also)$/i;
const boilerplateFile =
  /^(?:licen[cs]e|copying|notice|change-?log|changes|history|releases?|contributing|code[-_]of[-_]conduct|security|authors|contributors|third-?party.*)(?:[-_.].*)?$/i;

/** Whether a file name (without folders) announces a licence, a change log or the like. */
export function isBoilerplateFile(name: string): boolean {
  return boilerplateFile.test(name);
}

/**
 * The sections of a Markdown document, in order, without boilerplate. Never throws.
 *
 * @param name file name without folders; a licence or change log gives no pairs
 * @param fallbackTitle the title when the document has no first-level heading
 */
export function markdownSections(source: string, name: string, fallbackTitle: string): Pair[] {
  if (isBoilerplateFile(name)) return [];
  let title = fallbackTitle;
  let heading: string | undefined;
  let body: string[] = [];
  const pairs: Pair[] = [];
  const close = () => {
    const answer = body.join(' ').replace(/\s+/g, ' ').trim().slice(0, SECTION_LENGTH_MAX);
    body = [];
    if (heading === undefined || answer.length < SECTION_LENGTH_MIN) return;
    const query = `${title} ${heading}`.trim().slice(0, QUERY_LENGTH_MAX);
    if (!boilerplateHeading.test(bare(heading)) && query !== '') pairs.push({ query, answer });
  };
  for (const token of lex(source)) {
    if (token.type === 'heading') {
      close();
      const { text: raw, depth } = token as Tokens.Heading;
      const text = plainText(raw.slice(0, QUERY_LENGTH_MAX));
      if (depth === 1) {
        title = text;
        heading = '';
      } else {
        heading = text;
      }
    } else if (heading !== undefined) {
      body.push(proseOf(token));
    }
  }
  close();
  return pairs;
}

/** Inline tokens are not needed, and a block lexer alone is linear on hostile emphasis. */
function lex(source: string): Token[] {
  const lines = source.slice(0, MARKDOWN_LENGTH_MAX).split(/\r?\n/);
  let headings = 0;
  const kept = lines.filter((line) => {
    if (line.startsWith('#')) headings += 1;
    return line.length <= lineLengthMax && headings <= HEADINGS_MAX;
  });
  try {
    return new marked.Lexer().blockTokens(kept.join('\n'));
  } catch {
    return [];
  }
}

function proseOf(token: Token): string {
  if (token.type === 'html' || token.type === 'space' || token.type === 'def') return '';
  if (token.type === 'code') return (token as Tokens.Code).text.slice(0, SECTION_LENGTH_MAX);
  return plainText(token.raw.slice(0, SECTION_LENGTH_MAX));
}

function bare(heading: string): string {
  return heading
    .replace(/[^\p{L}\p{N} ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
