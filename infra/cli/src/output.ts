// Two ways to answer: text for people, one JSON document for programs.

import { Option } from 'commander';

export type Format = 'text' | 'json';

export function formatOption(): Option {
  return new Option('--format <format>', 'how to answer').choices(['text', 'json']).default('text');
}

export function print(format: Format, data: unknown, text: () => string): void {
  const answer = format === 'json' ? JSON.stringify(data, undefined, 2) : text();
  process.stdout.write(`${answer}\n`);
}

/** Rows with aligned columns; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const isNumber = header.map((_, column) =>
    rows.every((row) => /^[-+\d.,% ]*$|^–$/.test(row[column] ?? '')),
  );
  return all
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return isNumber[column] ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
