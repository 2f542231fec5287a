// Results for people: one line per contender and case, ratios to the baseline, columns aligned.

import type { Figure, Row } from './benchmark.ts';
import { summarise } from './measure.ts';

/** One table per heading, in the order of their first rows, each under its heading. */
export function formatTables(rows: readonly Row[], baseline: string | undefined): string {
  return [...Map.groupBy(rows, ({ table }) => table)]
    .map(([heading, group]) => {
      const table = formatTable(group, baseline);
      return heading === undefined ? table : `${heading}\n\n${table}`;
    })
    .join('\n\n');
}

/** Lines of the table: `median ±spread`, and `(ratio×)` wherever a baseline has the same case. */
export function formatTable(rows: readonly Row[], baseline: string | undefined): string {
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const header = ['case', 'contender', ...names];
  const body = rows.map((row) => [
    row.case,
    row.contender,
    ...names.map((name) => cell(row, name, rows, baseline)),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  );
  const rule = widths.map((width) => '─'.repeat(width));
  return [header, rule, ...body].map((cells) => formatLine(cells, widths)).join('\n');
}

/** At most four significant digits before the point, at most three behind it. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export function medianOf(figure: Figure): number {
  if (typeof figure === 'number') return figure;
  return 'median' in figure ? figure.median : summarise(figure).median;
}

const TEXT_COLUMNS = 2;

function formatLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((text, column) => {
      const width = widths[column] ?? 0;
      return column < TEXT_COLUMNS ? text.padEnd(width) : text.padStart(width);
    })
    .join('  ')
    .trimEnd();
}

function cell(row: Row, name: string, rows: readonly Row[], baseline: string | undefined): string {
  const figure = row.figures[name];
  if (figure === undefined) return '–';
  if (typeof figure !== 'number' && !('median' in figure)) {
    return figure.map(formatNumber).join(' ') || '–';
  }
  const spread = typeof figure === 'number' ? '' : ` ±${Math.round(figure.spread * 50)}%`;
  const ratio = ratioOf(row, figure, name, rows, baseline);
  return `${formatNumber(medianOf(figure))}${spread}${ratio}`;
}

function ratioOf(
  row: Row,
  figure: Figure,
  name: string,
  rows: readonly Row[],
  baseline: string | undefined,
): string {
  if (row.contender === baseline) return '';
  const peer = rows.find((other) => other.contender === baseline && other.case === row.case);
  const base = peer?.figures[name];
  if (base === undefined || medianOf(base) === 0) return '';
  return ` (${(medianOf(figure) / medianOf(base)).toFixed(2)}×)`;
}
