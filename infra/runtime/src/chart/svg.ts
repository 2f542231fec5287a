// What every picture is made of: escaped text, short numbers, and colours for light and dark pages.

/** Series colours by Okabe & Ito (2008): told apart by colour-blind readers too. */
export const SERIES_COLOURS = 7;

const LIGHT = ['#d55e00', '#0072b2', '#009e73', '#cc79a7', '#b37a00', '#2f8fc6', '#333333'];
const DARK = ['#ff8a3d', '#5cb3ea', '#35cfa0', '#e79ac5', '#f0b43c', '#8fd3ff', '#e6e6e6'];

const STYLE = [
  '.ink{fill:#1b1f24}.soft{fill:#57606a}.page{fill:#fff}',
  '.grid{stroke:#e4e7eb}.frame{stroke:#8a929b;fill:none}.band{fill:#8a929b;opacity:.14}',
  ...LIGHT.map((colour, at) => `.c${at}{color:${colour}}`),
  '@media(prefers-color-scheme:dark){',
  '.ink{fill:#e6e9ed}.soft{fill:#a5adb7}.page{fill:#14171b}',
  '.grid{stroke:#2b3138}.frame{stroke:#69727d}',
  ...DARK.map((colour, at) => `.c${at}{color:${colour}}`),
  '}',
].join('');

/** A whole picture; it stands alone or in a page. */
export function svg(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" class="page"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

export type TextClass = 'ink' | 'soft';

export function text(
  x: number,
  y: number,
  content: string,
  kind: TextClass,
  attributes = '',
): string {
  return `<text x="${short(x)}" y="${short(y)}" class="${kind}"${attributes === '' ? '' : ` ${attributes}`}>${escaped(content)}</text>`;
}

export function escaped(content: string): string {
  return content
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** A hundredth of a pixel is enough. */
export function short(value: number): number {
  return Math.round(value * 100) / 100;
}
