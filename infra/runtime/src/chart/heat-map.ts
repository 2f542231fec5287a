// A map of cells over two axes of whole numbers: colour by class, with a mark for a second yes or no.

import type { Axis } from './axis.ts';
import { AREA, acrossOf, CHART_HEIGHT, CHART_WIDTH, downOf, frame, heading } from './chart.ts';
import { escaped, short, svg, text } from './svg.ts';

export interface HeatCell {
  readonly x: number;
  readonly y: number;
  /** Its class, from 0, the palest. */
  readonly rank: number;
  /** Drawn with a cross through it. */
  readonly isCrossed: boolean;
  /** Shown by a viewer that points at it. */
  readonly text: string;
}

export interface HeatMap {
  readonly title: string;
  readonly subtitle: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly cells: readonly HeatCell[];
  /** What the classes mean, palest first. */
  readonly ranks: readonly string[];
  /** What a crossed cell means. */
  readonly crossed: string;
}

/** @throws {RangeError} when there is nothing to draw */
export function drawHeatMap(map: HeatMap): string {
  const { cells, crossed, ranks, title, x, y } = map;
  if (cells.length === 0) throw new RangeError('a map needs cells');
  const width = cellSize(x, AREA.width);
  const height = cellSize(y, AREA.height);
  const left = AREA.left + AREA.width + 18;
  return svg(CHART_WIDTH, CHART_HEIGHT, title, [
    ...heading(map),
    ...frame(x, y),
    ...cells.map((cell) => drawCell(map, cell, width, height)),
    ...ranks.flatMap((meaning, rank) => [
      swatch(left, AREA.top + rank * 26, rank, ranks.length),
      text(left + 30, AREA.top + rank * 26 + 14, meaning, 'ink'),
    ]),
    swatch(left, AREA.top + ranks.length * 26, -1, ranks.length),
    crossOver(left, AREA.top + ranks.length * 26, 22, 18),
    text(left + 30, AREA.top + ranks.length * 26 + 14, crossed, 'ink'),
  ]);
}

/** Pixels between two whole numbers. */
function cellSize(axis: Axis, pixels: number): number {
  return (axis.place(1) - axis.place(0)) * pixels;
}

function drawCell({ ranks, x, y }: HeatMap, cell: HeatCell, width: number, height: number): string {
  const left = acrossOf(x, cell.x) - width / 2;
  const top = downOf(y, cell.y) - height / 2;
  return [
    `<g class="c1"><rect x="${short(left)}" y="${short(top)}" width="${short(width - 0.5)}" height="${short(height - 0.5)}" fill="currentColor" opacity="${opacityOf(cell.rank, ranks.length)}"><title>${escaped(cell.text)}</title></rect>`,
    ...(cell.isCrossed ? [crossOver(left, top, width, height)] : []),
    '</g>',
  ].join('');
}

function swatch(left: number, top: number, rank: number, ranks: number): string {
  const opacity = rank < 0 ? 0 : opacityOf(rank, ranks);
  return `<g class="c1"><rect x="${left}" y="${top}" width="22" height="18" fill="currentColor" opacity="${opacity}"/><rect x="${left}" y="${top}" width="22" height="18" class="frame"/></g>`;
}

function crossOver(left: number, top: number, width: number, height: number): string {
  const [right, bottom] = [left + width - 2, top + height - 2];
  return `<g class="c0"><path d="M${short(left + 2)} ${short(top + 2)}L${short(right)} ${short(bottom)}M${short(right)} ${short(top + 2)}L${short(left + 2)} ${short(bottom)}" stroke="currentColor" stroke-width="1"/></g>`;
}

function opacityOf(rank: number, ranks: number): number {
  return short(0.06 + (0.94 * rank) / Math.max(1, ranks - 1));
}
