import test from 'ava';
import { DASHBOARD_POLICY, dashboardRoutes } from './dashboard-routes.ts';

const app = await dashboardRoutes();

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await app.request(path, { headers });
  return { response, text: await response.text() };
}

async function assetPaths(): Promise<string[]> {
  const { text } = await get('/');
  return [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => path);
}

test('the document is asked for anew each time, and answered briefly when it is known', async (t) => {
  const { response } = await get('/');
  t.is(response.headers.get('cache-control'), 'no-cache');
  const etag = response.headers.get('etag') ?? '';
  const again = await get('/', { 'if-none-match': `"other", W/${etag}` });
  t.like(again, { response: { status: 304 }, text: '' });
});

test('every file of the document is there, never changes and is what it says', async (t) => {
  const paths = await assetPaths();
  t.true(paths.length >= 8);
  for (const path of paths) {
    const { response, text } = await get(path);
    t.is(response.status, 200, path);
    t.true(text.length > 0);
    t.regex(response.headers.get('cache-control') ?? '', /immutable/);
    t.regex(response.headers.get('content-type') ?? '', /^(text\/(css|javascript)|image\/svg)/);
    t.is(response.headers.get('x-content-type-options'), 'nosniff');
  }
});

test('modules import what is served, and nothing else', async (t) => {
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const { response, text } = await get(path);
    t.is(response.status, 200, path);
    const imports = [
      ...text.matchAll(/^import .*?'([^']+)';$/gms),
      ...text.matchAll(/^} from '([^']+)';$/gm),
    ];
    for (const [, specifier = ''] of imports) {
      t.regex(specifier, /^\.\/[\w-]+\.js$/, `${path} imports ${specifier}`);
      await visit(new URL(specifier, `http://page${path}`).pathname);
    }
  };
  const main = (await assetPaths()).find((path) => path.endsWith('/main.js')) ?? '';
  await visit(main);
  t.true(seen.size > 20, `${seen.size} modules`);
});

test('nothing inline runs or styles, and no file is from elsewhere', async (t) => {
  const { response, text } = await get('/');
  t.is(response.headers.get('content-security-policy'), DASHBOARD_POLICY);
  t.notRegex(DASHBOARD_POLICY, /unsafe|https?:|\*/);
  t.notRegex(text, /<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)|https?:/);
});

test('paths outside the page are not answered', async (t) => {
  const [asset = ''] = await assetPaths();
  const folder = asset.slice(0, asset.lastIndexOf('/'));
  const outside = [
    `${folder}/types.ts`,
    `${folder}/tsconfig.json`,
    `${folder}/../page-files.ts`,
    `${folder}/%2e%2e/page-files.ts`,
    '/assets/other/main.js',
  ];
  for (const path of outside) t.is((await get(path)).response.status, 404, path);
});
