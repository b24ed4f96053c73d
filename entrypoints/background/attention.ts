import { browser } from 'wxt/browser';
import {
  isQuietHour,
  news,
  NOBODY_TOLD,
  noticeWords,
  type Told,
} from '../../components/attention.ts';
import { nextWaiting } from '../../components/palette-items.ts';
import { toolbarView, type ToolbarView } from '../../components/toolbar-view.ts';
import { readState } from '../../lib/extension-state.ts';
import { CAN_BE_SILENT } from '../../lib/notices.ts';
import { readSettings } from '../../lib/settings.ts';
import { parseTerminalAddress } from '../../lib/terminal-address.ts';
import { toolbarButton } from '../../lib/toolbar-button.ts';
import type { WaitingSession } from '../../lib/waiting.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { openTerminal } from './terminals.ts';

const KEY = 'told';

/** The badge's colours: ui.md 3; 9.8:1. */
const BADGE = { text: '#1c1400', background: '#f2b33d' };

const ICONS: Record<ToolbarView['icon'], string> = {
  connected: 'hubtab',
  waiting: 'hubtab-waiting',
  offline: 'hubtab-offline',
};

let attending: Promise<void> = Promise.resolve();
let latest: ExtensionState | undefined;

/** Shows in the toolbar how it stands, and tells of agents that began to wait. What changes meanwhile is one state. */
export function attend(state: ExtensionState): void {
  const isAsked = latest !== undefined;
  latest = state;
  if (isAsked) return;
  attending = attending
    .then(async () => {
      const now = latest ?? state;
      latest = undefined;
      await showToolbar(toolbarView(now));
      await tellNews(now);
    })
    .catch((error: unknown) => console.error('attention', error));
}

/** A notification was clicked. Its id is the address of the session. */
export async function openNotified(id: string): Promise<void> {
  await browser.notifications.clear(id);
  const address = parseTerminalAddress(id);
  if (address.ok) await openTerminal(address.value.hubId, address.value.session, 'focus');
}

/** Goes to the agent that has waited longest after the one that is looked at. */
export async function openNextWaiting(): Promise<void> {
  const [state, here] = await Promise.all([readState(), sessionLookedAt()]);
  const next = nextWaiting(state.hubs, here ?? '', Date.now());
  if (next) await openTerminal(next.hubId as HubId, next.session, 'focus');
}

/** What the toolbar shows, as far as this run of the service worker knows. */
let shown: ToolbarView | undefined;

async function showToolbar(view: ToolbarView): Promise<void> {
  const { badge, title, icon } = view;
  // Most changes change nothing here, and an icon is fetched and drawn each time that it is set.
  if (shown?.badge === badge && shown.title === title && shown.icon === icon) return;
  const path = (size: number) => `/icons/${ICONS[icon]}-${size}.png`;
  const button = toolbarButton();
  await Promise.all([
    button.setBadgeText({ text: badge }),
    button.setBadgeBackgroundColor({ color: BADGE.background }),
    button.setBadgeTextColor({ color: BADGE.text }),
    button.setTitle({ title }),
    button.setIcon({ path: { 16: path(16), 32: path(32) } }),
  ]);
  shown = view;
}

async function tellNews(state: ExtensionState): Promise<void> {
  const [stored, settings, lookedAt] = await Promise.all([
    browser.storage.session.get(KEY),
    readSettings(),
    sessionLookedAt(),
  ]);
  const nowMs = Date.now();
  const isQuiet = !settings.notifyWaiting || isQuietHour(settings.quietHours, new Date(nowMs));
  const before = (stored[KEY] as Told | undefined) ?? NOBODY_TOLD;
  const { told, show, withdraw } = news(before, state.hubs, { nowMs, isQuiet, lookedAt });
  // Before the notices: a service worker that is stopped between must not tell twice.
  if (JSON.stringify(told) !== JSON.stringify(before))
    await browser.storage.session.set({ [KEY]: told });
  await Promise.all([
    ...withdraw.map((id) => browser.notifications.clear(id)),
    ...show.map((waiting) => notify(waiting, !settings.notifySound)),
  ]);
}

async function notify(waiting: WaitingSession, isSilent: boolean): Promise<void> {
  const id = waiting.key;
  // One for each session: a later one replaces it, and is shown again only if the first is gone.
  await browser.notifications.clear(id);
  await browser.notifications.create(id, {
    type: 'basic',
    iconUrl: '/icons/hubtab-128.png',
    ...noticeWords(waiting),
    ...(CAN_BE_SILENT ? { silent: isSilent } : {}),
  });
}

/** The session in the tab that has the focus, as {@link WaitingSession.key}. */
async function sessionLookedAt(): Promise<string | undefined> {
  const contexts = await browser.runtime.getContexts({ contextTypes: ['TAB'] });
  for (const { documentUrl, tabId, windowId } of contexts) {
    const url = documentUrl === undefined ? null : URL.parse(documentUrl);
    if (url?.pathname !== '/terminal.html') continue;
    const [tab, window] = await Promise.all([
      browser.tabs.get(tabId).catch(() => undefined),
      browser.windows.get(windowId).catch(() => undefined),
    ]);
    if (tab?.active && window?.focused) return url.hash.slice(1);
  }
  return undefined;
}
