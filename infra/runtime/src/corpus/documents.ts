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
import { type TextFile, textFiles } from './text-files.ts';

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
  for await (const file of textFiles(folder, DOCUMENT_ENDINGS)) {
    for (const pair of pairsOf(file)) sourced.push({ ...pair, source: file.path });
  }
  if (sourced.length === 0) {
    const message = `${folder} holds no documented TypeScript or JavaScript and no Markdown sections`;
    throw new RuntimeError('invalid-corpus', message);
  }
  // Pairs are kept by reference, so each first one still knows its file.
  const first = new Set<Pair>(distinctPairs(sourced));
  return sourced.filter((pair) => first.has(pair));
}
