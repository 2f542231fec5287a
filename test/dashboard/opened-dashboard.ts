// A signed-in dashboard in Chromium, and what the page complains of.

import type { ExecutionContext } from 'ava';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { Size } from './seeded-answers.ts';
import { ServedFederation, TOKEN } from './served-federation.ts';

export interface Opened {
  /** What the page threw, warned of, or asked of others than its server. */
  readonly complaints: readonly string[];
  readonly page: Page;
  readonly served: ServedFederation;
}

export interface PageOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

/** The login form of a federation of that size. */
export async function openLogin(
  t: ExecutionContext,
  browser: Browser,
  size: Size,
  { colorScheme = 'light', height = 800, width = 1280 }: PageOptions = {},
): Promise<Opened> {
  const served = await ServedFederation.start(size);
  t.teardown(() => served.stop());
  const page = await browser.newPage({ colorScheme, viewport: { width, height } });
  t.teardown(() => page.close());
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(`threw: ${message}`));
  page.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(served.address)) complaints.push(`asked ${request.url()}`);
  });
  await page.goto(served.address);
  return { complaints, page, served };
}

export async function openDashboard(
  t: ExecutionContext,
  browser: Browser,
  size: Size,
  options: PageOptions = {},
): Promise<Opened> {
  const opened = await openLogin(t, browser, size, options);
  await opened.page.fill('#token', TOKEN);
  await opened.page.keyboard.press('Enter');
  await opened.page.waitForSelector('.link.live');
  return opened;
}

/** Goes to a section and waits for what it shows. */
export async function show(page: Page, section: string, selector: string): Promise<void> {
  await page.click(`nav a[href="#/${section}"]`);
  await page.waitForSelector(selector);
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe-core finds in the page as it is, by all rules or some; one line each. */
export async function accessibilityFindings(
  page: Page,
  rules: readonly string[] = [],
): Promise<string[]> {
  await page.evaluate(axe.source);
  const options = {
    resultTypes: ['violations'],
    ...(rules.length === 0 ? {} : { runOnly: rules }),
  };
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResult;
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ failureSummary = '', html }) => `${id}: ${html} ${failureSummary}`),
  );
}
