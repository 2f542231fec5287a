// A source file as tokens: the code without blanks, the comments, and every module it names.

import jsTokens from 'js-tokens';

export interface CodeToken {
  readonly type: string;
  readonly value: string;
  readonly line: number;
}

export interface ModuleReference {
  readonly specifier: string;
  readonly line: number;
}

export interface SourceFile {
  /** Relative to the workspace root, with `/`. */
  readonly path: string;
  readonly code: readonly CodeToken[];
  readonly comments: readonly CodeToken[];
  readonly references: readonly ModuleReference[];
}

/** Splits a TypeScript or JavaScript text; strings and comments never count as code. */
export function parseSource(path: string, text: string): SourceFile {
  const code: CodeToken[] = [];
  const comments: CodeToken[] = [];
  let line = 1;
  for (const { type, value } of jsTokens(text)) {
    if (type === 'SingleLineComment' || type === 'MultiLineComment') {
      comments.push({ type, value, line });
    } else if (type !== 'WhiteSpace' && type !== 'LineTerminatorSequence') {
      code.push({ type, value, line });
    }
    line += value.split('\n').length - 1;
  }
  return { path, code, comments, references: referencesIn(code) };
}

function referencesIn(code: readonly CodeToken[]): ModuleReference[] {
  const references: ModuleReference[] = [];
  for (const [at, token] of code.entries()) {
    const specifier = literalOf(token);
    if (specifier !== undefined && namesModule(code, at)) {
      references.push({ specifier, line: token.line });
    }
  }
  return references;
}

/** `from 'x'`, `import 'x'`, `import('x')`, `require('x')`, `import.meta.resolve('x')`, `new URL('x'`. */
function namesModule(code: readonly CodeToken[], at: number): boolean {
  const before = valueAt(code, at - 1);
  if (before === 'from' || before === 'import') return true;
  if (before !== '(') return false;
  const caller = valueAt(code, at - 2);
  if (caller === 'import' || caller === 'require' || caller === 'resolve') {
    return caller !== 'resolve' || valueAt(code, at - 4) === 'meta';
  }
  return caller === 'URL' && valueAt(code, at + 1) === ',' && valueAt(code, at + 2) === 'import';
}

function valueAt(code: readonly CodeToken[], at: number): string {
  return code[at]?.value ?? '';
}

function literalOf(token: CodeToken): string | undefined {
  if (token.type === 'StringLiteral' || token.type === 'NoSubstitutionTemplate') {
    return token.value.slice(1, -1);
  }
  return undefined;
}
