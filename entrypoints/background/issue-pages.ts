import { i18n } from '#i18n';
import { browser } from 'wxt/browser';
import { readState } from '../../lib/extension-state.ts';
import {
  isSameIssue,
  issueFrom,
  issueOf,
  newAgentAddress,
  type Issue,
} from '../../lib/issue-page.ts';
import { readSettings } from '../../lib/settings.ts';
import { openTerminal } from './terminals.ts';

const SCRIPT = 'issue-pages';
const MENU = 'issue-agent';

/** Size of the window that asks before it starts an agent. */
const ASKING = { width: 480, height: 560 };

/** The forges that were chosen and that the browser allows. */
async function allowedForges(): Promise<string[]> {
  const { issuePages } = await readSettings();
  const allowed = await Promise.all(
    issuePages.map((origin) => browser.permissions.contains({ origins: [pattern(origin)] })),
  );
  return issuePages.filter((_, index) => allowed[index]);
}

let arranging: Promise<void> = Promise.resolve();

/** Puts button and menu on the pages of the chosen forges, and on no others. One arrangement after the other. */
export function arrangeIssuePages(): void {
  arranging = arranging
    .then(arrange)
    .catch((error: unknown) => console.error('issue pages', error));
}

async function arrange(): Promise<void> {
  const forges = await allowedForges();
  await browser.scripting.unregisterContentScripts({ ids: [SCRIPT] }).catch(() => undefined); // there was none
  await browser.contextMenus.removeAll();
  if (forges.length === 0) return;
  await browser.scripting.registerContentScripts([
    {
      id: SCRIPT,
      js: ['content-scripts/issue.js'],
      // Whole forges: they go from page to page without loading one.
      matches: forges.map(pattern),
      runAt: 'document_idle',
    },
  ]);
  const issues = forges.flatMap((origin) =>
    ['issues', '-/issues', '-/work_items'].map((part) => `${host(origin)}/*/*/${part}/*`),
  );
  const title = i18n.t('issuePage.menu');
  browser.contextMenus.create({
    id: `${MENU}-page`,
    title,
    contexts: ['page'],
    documentUrlPatterns: issues,
  });
  browser.contextMenus.create({
    id: `${MENU}-link`,
    title,
    contexts: ['link'],
    documentUrlPatterns: forges.map(pattern),
    targetUrlPatterns: issues,
  });
}

/** A click in the context menu: on an issue's page, or on a link to one. */
export async function takeMenuClick(info: { linkUrl?: string; pageUrl?: string }): Promise<void> {
  const issue = issueOf(info.linkUrl ?? info.pageUrl ?? '');
  if (issue) await openIssue(issue);
}

/**
 * A message of a content script, which stands in a hostile page. It may name one issue: the one that the browser says the
 * page shows, on a forge that was chosen. Anything else is not answered.
 */
export async function takeIssueMessage(
  message: unknown,
  sender: { url?: string; frameId?: number },
): Promise<void> {
  const named = issueFrom((message as { issue?: unknown } | null)?.issue);
  const shown = issueOf(sender.url ?? '');
  if (!named || !shown || !isSameIssue(named, shown) || sender.frameId !== 0) return;
  const forges = await allowedForges();
  if (forges.includes(new URL(sender.url ?? '').origin)) await openIssue(shown);
}

/** Opens the terminal of the issue's agent, or our own page that asks whether to start one. */
async function openIssue(issue: Issue): Promise<void> {
  const { hubs } = await readState();
  const found = hubs.flatMap(({ hub, sessions }) =>
    sessions
      .filter(({ agent }) => agent && isSameIssue(issue, issueFromAgent(agent)))
      .map(({ name }) => ({ hubId: hub.id, name })),
  )[0];
  if (found) await openTerminal(found.hubId, found.name, 'focus');
  else {
    const url = browser.runtime.getURL(newAgentAddress(issue));
    await browser.windows.create({ url, type: 'popup', ...ASKING });
  }
}

function issueFromAgent({ repo, issue }: { repo: string; issue: string }): Issue {
  const [owner = '', repository = ''] = repo.split('/');
  return { owner, repository, number: Number(issue) };
}

/** Patterns know no ports: they cover all of a host's. */
function host(origin: string): string {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}`;
}

function pattern(origin: string): string {
  return `${host(origin)}/*`;
}
