import { browser } from 'wxt/browser';
import { defineBackground } from 'wxt/utils/define-background';
import { readStoredAccount } from '../../lib/account.ts';
import { forgetHostKeys, rememberHostKey } from '../../lib/host-keys.ts';
import { followState } from '../../lib/extension-state.ts';
import { keepLastKnown } from '../../lib/last-known.ts';
import { isOurs, serve } from '../../lib/messaging.ts';
import { followSettings } from '../../lib/settings.ts';
import { attend, openNextWaiting, openNotified } from './attention.ts';
import { diagnostics, keepWorkerEnd } from './diagnostics.ts';
import { forgetKey, trustKey } from './host-key-choice.ts';
import {
  forgetWatches,
  hold,
  readHubs,
  recallHubs,
  askWorker,
  refresh,
  updateHub,
  whatToHold,
  withOnline,
} from './hubs.ts';
import { onHub } from './hub-actions.ts';
import { arrangeIssuePages, takeIssueMessage, takeMenuClick } from './issue-pages.ts';
import { sharing } from './sharing.ts';
import { pair, pollDeviceGrant, setServer, signIn, signOut, startDeviceGrant } from './sign-in.ts';
import { openTerminal } from './terminals.ts';
import { authorizedClient } from './tokens.ts';
import { keepUnitBytes, unitCredentials } from './unit-credentials.ts';
import { installNow, installWhenUnused, reopenPages, updateReady } from './updates.ts';
import { workerHost } from './worker-host.ts';

const ALARM = 'keep-connected';

/** Chromium rouses a stopped service worker by alarms no more often than this. */
const ALARM_MINUTES = 1;

export default defineBackground({
  type: 'module',
  persistent: true,
  main() {
    serve('background', {
      'set-server': ({ url }) => setServer(url),
      'sign-in': ({ isForgotten }) => signIn(isForgotten),
      'start-device-grant': startDeviceGrant,
      'poll-device-grant': ({ deviceCode, isForgotten }) =>
        pollDeviceGrant(deviceCode, isForgotten),
      pair: ({ code }) => pair(code),
      'sign-out': signOut,
      refresh,
      'open-terminal': ({ hubId, session, where }) => openTerminal(hubId, session, where),
      'create-join-token': async () => {
        const client = await authorizedClient();
        return client.ok ? client.value.server.createJoinToken() : client;
      },
      'remove-hub': async ({ hubId }) => {
        const client = await authorizedClient();
        const removed = client.ok ? await client.value.server.removeHub(hubId) : client;
        if (!removed.ok) return removed;
        await forgetHostKeys(hubId);
        return refresh();
      },
      'trust-host-key': ({ hubId, fingerprint }) => trustKey(hubId, fingerprint),
      'forget-host-key': ({ hubId }) => forgetKey(hubId),
      browsers: async ({ hubId }) => {
        const client = await authorizedClient();
        return client.ok ? client.value.server.browsers(hubId) : client;
      },
      'remove-browser': async ({ hubId, nodeId }) => {
        const client = await authorizedClient();
        return client.ok ? client.value.server.removeBrowser(hubId, nodeId) : client;
      },
      ...sharing,
      'start-agent': (ask) => onHub('start-agent', ask),
      'start-shell': (ask) => onHub('start-shell', ask),
      'stop-session': (ask) => onHub('stop-session', ask),
      'rename-session': (ask) => onHub('rename-session', ask),
      diagnostics,
      'install-update': installNow,
      'worker-ended': async ({ lastWords }) => {
        await forgetWatches();
        return keepWorkerEnd(lastWords);
      },
      'worker-started': whatToHold,
      'unit-credentials': ({ hubId, fresh }) => unitCredentials(hubId, fresh),
      'host-key-seen': async ({ hubId, hostKey }) => {
        await rememberHostKey(hubId, hostKey);
        return null;
      },
      'unit-bytes': ({ hubId, state }) => keepUnitBytes(hubId, state),
      'unit-status': async ({ hubId, status }) => {
        await updateHub(hubId, (view) => ({ ...view, unit: status }));
        return null;
      },
      'hub-online': async ({ hubId, online, lastSeenMs }) => {
        await updateHub(hubId, (view) => ({
          ...view,
          hub: withOnline(view.hub, online, lastSeenMs),
        }));
        // Not awaited: the worker that asks is the one that would answer.
        if (online) void askWorker('read-sessions', [hubId]);
        return null;
      },
      sessions: async ({ hubId, result }) => {
        await updateHub(hubId, ({ sessionsFault: _, ...view }) => {
          if (!result.ok) return { ...view, sessionsFault: result.error };
          delete view.isRecalled;
          return { ...view, sessions: result.value, sessionsAtMs: Date.now() };
        });
        return null;
      },
      'hub-watched': async ({ hubId, isWatched }) => {
        await updateHub(hubId, (view) => ({ ...view, isWatched }));
        return null;
      },
    });

    // A terminal tab sends the worker's end of its port here; `message` reaches no runtime listener.
    globalThis.addEventListener('message', (event) => {
      const [port] = event.ports;
      if (!port) return;
      const handing = workerHost.handOver(port);
      // Firefox's background is a page, which nobody stops meanwhile.
      (event as Partial<ExtendableEvent>).waitUntil?.(handing);
    });

    browser.runtime.onInstalled.addListener(({ reason }) => void start(reason === 'install'));
    browser.runtime.onStartup.addListener(() => void start(false));
    browser.runtime.onUpdateAvailable.addListener(({ version }) => void updateReady(version));
    browser.alarms.onAlarm.addListener(() => void stayConnected());
    browser.contextMenus.onClicked.addListener((info) => void takeMenuClick(info));
    browser.runtime.onMessage.addListener((message: unknown, sender) => {
      if (!isOurs(sender)) void takeIssueMessage(message, sender);
      return undefined; // pages are not answered
    });
    browser.notifications.onClicked.addListener((id) => void openNotified(id));
    browser.commands.onCommand.addListener((command) => {
      if (command === 'next-waiting') void openNextWaiting();
    });
    followState((state) => {
      attend(state);
      void keepLastKnown(state);
    });
    followSettings(() => {
      void hold();
      arrangeIssuePages();
    });
    browser.permissions.onRemoved.addListener(() => {
      void readHubs();
      arrangeIssuePages();
    });
  },
});

async function start(isFirstRun: boolean): Promise<void> {
  await browser.alarms.create(ALARM, { periodInMinutes: ALARM_MINUTES });
  await recallHubs();
  arrangeIssuePages();
  await reopenPages();
  if (isFirstRun && !(await readStoredAccount())) await browser.runtime.openOptionsPage();
  await stayConnected();
}

async function stayConnected(): Promise<void> {
  await installWhenUnused();
  if ((await readStoredAccount())?.refreshToken) await refresh();
}
