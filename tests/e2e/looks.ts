import axe from 'axe-core';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';

/** Where pictures of the pages go, under names that stay the same. They are looked at by people, not compared. */
const pictures = path.join(import.meta.dirname, 'screenshots');

interface Finding {
  impact?: string | null;
  id: string;
  nodes: { html: string }[];
}

/** What axe finds on a page that is serious or worse, each with the first elements it is about. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: Finding[] }> };
    };
    return (await axe.run()).violations.map(({ impact, id, nodes }) => ({
      impact: impact ?? null,
      id,
      nodes: nodes.slice(0, 3).map(({ html }) => ({ html: html.slice(0, 200) })),
    }));
  });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Takes the page's picture in light and dark, and returns what axe finds serious in either. */
export async function look(page: Page, name: string): Promise<string[]> {
  await mkdir(pictures, { recursive: true });
  const findings: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: path.join(pictures, `${name}-${colorScheme}.png`),
      fullPage: true,
      animations: 'disabled',
    });
    findings.push(...(await seriousFindings(page)).map((found) => `${colorScheme}: ${found}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return findings;
}
