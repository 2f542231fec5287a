// TypeScript or JavaScript source text → pairs of first sentence and declaration, by js-tokens:
// a comment inside a string or template is none, a brace inside a regular expression is none.
import jsTokens from 'js-tokens';
import { firstSentence } from './doc-comment.ts';
import type { Pair } from './pairs.ts';

/** Characters of one source that are read. */
export const SOURCE_LENGTH_MAX = 8 * 1024 * 1024;
/** Characters of one declaration that are kept. */
export const ANSWER_LENGTH_MAX = 400;
/** Shortest declaration that can be told from others. */
const ANSWER_LENGTH_MIN = 6;
const DECLARATION_TOKENS_MAX = 300;

/**
 * Every documented declaration of a source, in order: functions, classes, interfaces, types,
 * variables and their members. Never throws; time grows linearly with the source.
 *
 * @param source TypeScript, JavaScript or declaration file text
 * @returns query = first sentence of the comment, answer = the declaration on one line, without its
 *   body; duplicates are kept
 */
export function documentedDeclarations(source: string): Pair[] {
  const tokens = significantTokens(source.slice(0, SOURCE_LENGTH_MAX));
  const pairs: Pair[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'doc') continue;
    const query = firstSentence(token.text);
    if (query === undefined) continue;
    const answer = declarationAfter(tokens, at + 1);
    if (answer !== undefined) pairs.push({ query, answer });
  }
  return pairs;
}

interface SourceToken {
  readonly kind: 'doc' | 'word' | 'punctuator' | 'literal';
  readonly text: string;
  /** Whether white space or a comment stood before it, and whether that broke the line. */
  readonly spaced: boolean;
  readonly newLine: boolean;
}

function significantTokens(source: string): SourceToken[] {
  const tokens: SourceToken[] = [];
  try {
    collectTokens(source, tokens);
  } catch (error) {
    // A comment or string of megabytes exhausts the regular expression's stack: keep what came before.
    if (!(error instanceof RangeError)) throw error;
  }
  return tokens;
}

function collectTokens(source: string, tokens: SourceToken[]): void {
  let spaced = false;
  let newLine = false;
  for (const { type, value } of jsTokens(source)) {
    const doc = type === 'MultiLineComment' && value.startsWith('/**') && value.length > 4;
    if (!doc && /^(?:WhiteSpace|LineTerminatorSequence|.*Comment)$/.test(type)) {
      spaced = true;
      newLine ||= value.includes('\n') || value.includes('\r');
      continue;
    }
    const named = type === 'IdentifierName' || type === 'PrivateIdentifier';
    const kind = doc ? 'doc' : named ? 'word' : type === 'Punctuator' ? 'punctuator' : 'literal';
    tokens.push({ kind, text: value, spaced, newLine });
    spaced = doc;
    newLine = doc;
  }
}

const notDeclarations = new Set([
  ...['import', 'if', 'for', 'while', 'do', 'return', 'throw', 'switch', 'case', 'break'],
  ...['continue', 'try', 'await', 'yield', 'with', 'new', 'delete', 'void', 'default', 'else'],
]);
const blockDeclarations = new Set([
  'class',
  'interface',
  'enum',
  'namespace',
  'module',
  'function',
]);
/** Before a brace these begin a type or a value, not a body. */
const beforeTypeBrace = new Set([':', '|', '&', '(', '[', ',', '<', '?', '=', '=>', '...']);
const beforeTypeWord = new Set(['extends', 'keyof', 'readonly', 'is', 'in', 'typeof', 'infer']);
const continuesLine = /^(?:[|&.,=?:)\]}>+*/-]|=>|extends|implements|is|in|of|as|satisfies)/;

function declarationAfter(tokens: readonly SourceToken[], start: number): string | undefined {
  const first = tokens[start];
  if (first === undefined || first.kind === 'doc' || notDeclarations.has(first.text)) return;
  if (first.kind === 'punctuator' && !/^[[@(*<]/.test(first.text)) return;
  const second = tokens[start + 1]?.text;
  if (first.text === 'export' && (second === '{' || second === '*')) return;
  const scan = { depth: 0, angles: 0, block: false, value: false, decorated: first.text === '@' };
  let text = '';
  let previous: SourceToken | undefined;
  for (let at = start; at < start + DECLARATION_TOKENS_MAX; at++) {
    const token = tokens[at];
    if (token === undefined || text.length > ANSWER_LENGTH_MAX) break;
    if (token.kind === 'doc' && (scan.depth > 0 || continuing(previous))) continue;
    if (scan.depth === 0 && endsBefore(token, previous, scan)) break;
    track(token, scan);
    text += token.spaced && text !== '' ? ` ${token.text}` : token.text;
    previous = token;
  }
  const answer = text.replace(/\s+/g, ' ').slice(0, ANSWER_LENGTH_MAX).trim();
  return answer.length >= ANSWER_LENGTH_MIN && /\p{L}{2}/u.test(answer) ? answer : undefined;
}

interface Scan {
  depth: number;
  angles: number;
  /** Saw class, interface, function …: commas continue it, a brace is its body. */
  block: boolean;
  /** Saw const, let or var: a brace after `=` or `=>` is its value. */
  value: boolean;
  decorated: boolean;
}

function endsBefore(token: SourceToken, previous: SourceToken | undefined, scan: Scan): boolean {
  const { text } = token;
  if (token.kind === 'doc') return true;
  if (text === ';' || text === '}' || text === ')' || text === ']') return true;
  if (text === ',') return scan.angles <= 0 && !scan.block;
  if (previous === undefined) return false;
  if (text === '{') {
    if (scan.value && (previous.text === '=' || previous.text === '=>')) return true;
    return !beforeTypeBrace.has(previous.text) && !beforeTypeWord.has(previous.text);
  }
  if (!token.newLine || scan.decorated || scan.angles > 0) return false;
  return !continuing(previous) && !continuesLine.test(text);
}

/** Whether nothing can end after this token, so that a line break or comment does not either. */
function continuing(previous: SourceToken | undefined): boolean {
  if (previous === undefined) return false;
  if (previous.kind === 'punctuator') return !/^[)\]}>;]/.test(previous.text);
  return /^(?:export|declare|default|abstract|static|public|private|protected|readonly|async|get|set|const|let|var|type|function|class|interface|enum|namespace|extends|implements|keyof|typeof)$/.test(
    previous.text,
  );
}

function track({ text, kind }: SourceToken, scan: Scan): void {
  if (kind === 'literal') return;
  if (text === '(' || text === '[' || text === '{') scan.depth += 1;
  else if (text === ')' || text === ']' || text === '}') scan.depth -= 1;
  else if (scan.depth > 0) return;
  else if (text === '<') scan.angles += 1;
  else if (/^>+$/.test(text)) scan.angles = Math.max(0, scan.angles - text.length);
  else if (blockDeclarations.has(text)) scan.block = true;
  else if (text === 'const' || text === 'let' || text === 'var') scan.value = true;
}
