// Text files → documents: documented declarations of code, sections of Markdown.

import { basename, extname } from 'node:path';
import {
  type Document,
  distinctPairs,
  documentedDeclarations,
  markdownSections,
  type Pair,
} from '@starling/peer';
import { RuntimeError } from '../runtime-error.ts';
import { isEmptyFolder, type TextFile, textFiles } from './text-files.ts';

const CODE_ENDINGS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];
const MARKDOWN_ENDINGS = ['.md', '.markdown'];
export const DOCUMENT_ENDINGS: readonly string[] = [...CODE_ENDINGS, ...MARKDOWN_ENDINGS];

/** The pairs of one file. */
export function pairsOf({ path, text }: TextFile): Pair[] {
  const name = basename(path);
  const ending = extname(name);
  if (MARKDOWN_ENDINGS.includes(ending)) {
    return markdownSections(text, name, name.slice(0, -ending.length));
  }
  return documentedDeclarations(text);
}

/**
 * Every document below a folder, identical answers once.
 * @throws {RuntimeError} `invalid-corpus` naming the folder when it yields none
 */
export async function readDocuments(folder: string): Promise<Omit<Document, 'id'>[]> {
  const sourced: (Pair & { readonly source: string })[] = [];
  let texts = 0;
  for await (const file of textFiles(folder, DOCUMENT_ENDINGS)) {
    texts += 1;
    for (const pair of pairsOf(file)) sourced.push({ ...pair, source: file.path });
  }
  if (sourced.length === 0) {
    throw new RuntimeError('invalid-corpus', await whyNone(folder, texts));
  }
  // Pairs are kept by reference, so each first one still knows its file.
  const first = new Set<Pair>(distinctPairs(sourced));
  return sourced.filter((pair) => first.has(pair));
}

async function whyNone(folder: string, texts: number): Promise<string> {
  const kinds = 'TypeScript or JavaScript with doc comments, or Markdown with headings';
  if (texts > 0) return `${folder}: none of its ${texts} files yields a document: put in ${kinds}`;
  if (await isEmptyFolder(folder)) return `${folder} is empty: put in ${kinds}`;
  return `${folder} holds no text to learn from, only binary or other files: put in ${kinds}`;
}
