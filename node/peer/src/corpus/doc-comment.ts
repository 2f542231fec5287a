// The first sentence of a JSDoc comment (TSDoc's "summary"): what a person would type to find the
// declaration. Every pattern here is linear: no nested repetition over hostile input.

/** Characters of one comment that are read, and of the sentence that is kept. */
const COMMENT_LENGTH_MAX = 4000;
const SENTENCE_LENGTH_MAX = 300;
const SENTENCE_WORDS_MIN = 3;

const licence = /copyright|\blicen[cs]ed?\b|SPDX-|@preserve|all rights reserved/i;

/** The first sentence of `/** … *\/`, or undefined: only tags, under three words, or a licence. */
export function firstSentence(comment: string): string | undefined {
  const capped = comment.slice(0, COMMENT_LENGTH_MAX);
  if (licence.test(capped)) return undefined;
  const paragraph: string[] = [];
  for (const raw of capped.replace(/^\/\*+|\*\/$/g, '').split(/\r?\n/)) {
    const line = raw.replace(/^\s*\*? ?/, '').trim();
    if (/^(?:@|```|\|)/.test(line)) break;
    if (line === '' || /^(?:#|[-=]{3,}$)/.test(line)) {
      if (paragraph.length > 0) break;
      continue;
    }
    paragraph.push(line);
  }
  return sentence(plainText(paragraph.join(' ')));
}

/** The first sentence of plain text if it has at least three words, capped in length. */
function sentence(text: string): string | undefined {
  const end = /[.!?](?=\s+[A-Z0-9`"'([]|$)/g;
  let cut = text.length;
  for (const match of text.matchAll(end)) {
    if (/(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|incl)|\b[A-Z])$/.test(lead(text, match.index)))
      continue;
    cut = match.index;
    break;
  }
  const kept = text.slice(0, Math.min(cut, SENTENCE_LENGTH_MAX)).trim();
  const words = kept.match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  return words.length >= SENTENCE_WORDS_MIN ? kept : undefined;
}

/** Links unwrapped to their text; emphasis, code marks and HTML tags removed; one line. */
export function plainText(markdown: string): string {
  return markdown
    .replace(
      /\{@(?:link|linkcode|linkplain|inheritDoc)\s+([^{}]{0,400})\}/g,
      (_, target: string) => {
        const [, name = '', text = ''] = /^(\S+)[\s|]*(.*)$/.exec(target.replace('|', ' | ')) ?? [];
        return text.trim() || name;
      },
    )
    .replace(/!?\[([^[\]]{0,400})\]\([^()\s]{0,400}\)/g, '$1')
    .replace(/\[([^[\]]{0,400})\]\[[^[\]]{0,100}\]/g, '$1')
    .replace(/<\/?[a-zA-Z][^<>]{0,200}>/g, ' ')
    .replace(/`+|\*\*|(?<![\p{L}\p{N}])[*_]+|[*_]+(?![\p{L}\p{N}])/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function lead(text: string, at: number): string {
  return text.slice(Math.max(0, at - 8), at);
}
