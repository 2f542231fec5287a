// A report as one HTML file: no script, no request, readable by day and by night.

import { escaped } from './svg.ts';

export interface Figure {
  /** As it stands in the page. */
  readonly svg: string;
  /** What to see in it, in a sentence or two. */
  readonly says: string;
}

/** A heading, and below it a table of names and texts, or pictures. */
export interface Section {
  readonly heading: string;
  readonly lines?: readonly (readonly [string, string])[];
  readonly figures?: readonly Figure[];
}

const STYLE = `
:root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d5dae0}
@media(prefers-color-scheme:dark){:root{--page:#14171b;--ink:#e6e9ed;--soft:#a5adb7;--line:#2b3138}}
body{margin:2rem auto;max-width:1000px;padding:0 1rem;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse}td,th{padding:.2rem .9rem .2rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:500;color:var(--soft);white-space:nowrap}
figure{margin:2rem 0}figure svg{width:100%;height:auto}figcaption{color:var(--soft)}
code{overflow-wrap:anywhere}`;

/** The page as text. */
export function htmlPage(title: string, sections: readonly Section[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style></head>`,
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    ...sections.flatMap(({ figures = [], heading, lines }) => [
      `<h2>${escaped(heading)}</h2>`,
      ...(lines === undefined ? [] : [rows(lines)]),
      ...figures.map(
        ({ says, svg }) => `<figure>${svg}<figcaption>${escaped(says)}</figcaption></figure>`,
      ),
    ]),
    '</body></html>',
    '',
  ].join('\n');
}

function rows(lines: readonly (readonly [string, string])[]): string {
  const cells = lines.map(
    ([name, value]) =>
      `<tr><th scope="row">${escaped(name)}</th><td><code>${escaped(value)}</code></td></tr>`,
  );
  return `<table>${cells.join('')}</table>`;
}
