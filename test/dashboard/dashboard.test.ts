// The dashboard in a real Chromium, over answers of any size.

import test from 'ava';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, openChromium } from './chromium.ts';
import { accessibilityFindings, openDashboard, openLogin, show } from './opened-dashboard.ts';
import { TOKEN } from './served-federation.ts';

const SMALL = { sites: 6, rounds: 12 };
const LARGE = { sites: 500, rounds: 1_000 };
const SECTIONS: readonly (readonly [string, string])[] = [
  ['overview', '.tiles'],
  ['rounds', 'table.rounds'],
  ['learning', '.chart canvas'],
  ['versions', 'table'],
  ['sites', 'table'],
  ['mesh', '.mesh'],
  ['patterns', '.votes'],
  ['privacy', '.with-bar'],
  ['ledger', '.verification ~ .card table'],
];
/** Elements that any section may have, the mesh's 501 nodes apart. */
const ELEMENTS_MAX = 2_000;

if (chromiumPath === undefined) {
  test.skip('dashboard: Chromium is not here (apt-get install chromium)', () => {});
} else {
  let browser: Browser;
  test.before(async () => {
    browser = await openChromium(chromiumPath ?? '');
  });
  test.after.always(() => browser.close());

  test.serial(
    'a wrong token is told so, the right one opens, and none is kept on the disk',
    async (t) => {
      const { page } = await openLogin(t, browser, SMALL);
      await page.fill('#token', 'wrong');
      await page.keyboard.press('Enter');
      t.regex(await textOf(page, '[role=alert]'), /This token does not count: a bearer token/);
      await page.fill('#token', TOKEN);
      await page.keyboard.press('Enter');
      await page.waitForSelector('.link.live');
      await page.reload();
      await page.waitForSelector('.link.live');
      t.false(((await page.evaluate('JSON.stringify(localStorage)')) as string).includes(TOKEN));
      await page.click('text=Sign out');
      await page.waitForSelector('#token');
      t.is(await page.evaluate('sessionStorage.length'), 0);
    },
  );

  test.serial('the address that "starling up" prints signs in, and keeps no token', async (t) => {
    const { page, served } = await openLogin(t, browser, SMALL);
    await page.goto('about:blank');
    await page.goto(`${served.address}#token=${TOKEN}`);
    await page.waitForSelector('.link.live');
    t.is(page.url(), `${served.address}#/overview`);
  });

  test.serial('no section has a barrier that axe-core finds', async (t) => {
    const { complaints, page } = await openDashboard(t, browser, SMALL);
    for (const [section, selector] of SECTIONS) {
      await show(page, section, selector);
      if (section === 'rounds') await page.click('.disclose >> nth=0');
      if (section === 'patterns') await page.click('.votes button >> nth=0');
      t.deepEqual(await accessibilityFindings(page), [], section);
    }
    t.deepEqual(complaints, []);
  });

  test.serial('on a narrow dark screen all text is told from its ground', async (t) => {
    const screen = { colorScheme: 'dark', width: 390, height: 844 } as const;
    const { page } = await openDashboard(t, browser, SMALL, screen);
    for (const section of ['overview', 'sites', 'patterns']) {
      await page.click('text=Menu');
      await show(page, section, 'h1');
      t.deepEqual(await accessibilityFindings(page, ['color-contrast']), [], section);
    }
  });

  test.serial(
    'with 500 sites and 1,000 rounds the document and the questions stay few',
    async (t) => {
      const { complaints, page, served } = await openDashboard(t, browser, LARGE);
      for (const [section, selector] of SECTIONS) {
        await show(page, section, selector);
        const elements = Number(await page.evaluate('document.querySelectorAll("*").length'));
        const allowed = section === 'mesh' ? ELEMENTS_MAX + 2 * 501 : ELEMENTS_MAX;
        t.true(elements <= allowed, `${section}: ${elements} elements`);
      }
      t.true(served.asked.length <= 12, served.asked.join(' '));
      t.is(new Set(served.asked).size, served.asked.length, 'nothing is asked twice');
      t.deepEqual(complaints, []);
    },
  );

  test.serial('a thousand events are drawn together and ask for nothing', async (t) => {
    const { page, served } = await openDashboard(t, browser, LARGE);
    await show(page, 'sites', 'tbody tr');
    const before = served.asked.length;
    await page.evaluate(COUNT_DRAWINGS);
    for (let at = 0; at < 1_000; at++) {
      const member = served.answers.members[at % 500];
      served.send('member', at + 1, { ...member, site: `renamed-${(at % 500) + 1}` });
    }
    await page.waitForSelector('text=renamed-50');
    await page.waitForSelector('text=renamed-1');
    t.is(served.asked.length, before);
    const drawings = Number(await page.evaluate('globalThis.drawings'));
    t.true(drawings < 500, `${drawings} drawings`);
    t.is(await page.locator('tbody tr').count(), 50);
  });

  test.serial(
    'a lost connection is told since when, and resumes after the last event',
    async (t) => {
      const { page, served } = await openDashboard(t, browser, SMALL);
      const [newest] = served.answers.rounds;
      served.send('round', 41, { ...newest, round: 13, phase: 'training', closedAtMs: null });
      await page.waitForSelector('text=Round 13');
      await served.stop();
      t.regex(await textOf(page, '.notice'), /^No connection since \d\d:\d\d:\d\d: /);
      await served.listen();
      await page.waitForSelector('.link.live');
      t.is(await page.locator('.notice').count(), 0);
      t.deepEqual(served.resumedFrom, [undefined, '41']);
    },
  );

  test.serial(
    'everything is reached by keyboard: sections, rounds, nodes of the mesh',
    async (t) => {
      const { page } = await openDashboard(t, browser, SMALL);
      await page.keyboard.press('Tab');
      t.is(await focused(page), 'Skip to content');
      await page.locator('nav a[aria-current]').focus();
      await page.keyboard.press('ArrowDown');
      t.is(await focused(page), 'Rounds');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.disclose');
      await page.locator('.disclose').first().focus();
      await page.keyboard.press('Enter');
      await page.waitForSelector('tr.more');
      t.is(await page.evaluate('document.activeElement.className'), 'disclose');
      await show(page, 'mesh', '.node');
      await page.locator('.node[tabindex="0"]').focus();
      await page.waitForSelector('.node.chosen');
      // The coordinator, which comes first, is linked to every site and stands among them.
      await page.keyboard.press('ArrowLeft');
      await page.waitForSelector('.node.chosen:not(.coordinator)');
      t.regex(await textOf(page, '.chosen-node'), /has \d+ links?: /);
    },
  );
}

const COUNT_DRAWINGS = `
  globalThis.drawings = 0;
  new MutationObserver(() => globalThis.drawings++)
    .observe(document.querySelector('tbody'), { characterData: true, childList: true, subtree: true });
`;

async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().textContent()) ?? '';
}

async function focused(page: Page): Promise<string> {
  return String(await page.evaluate('document.activeElement.textContent'));
}
