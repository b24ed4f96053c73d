import { useEffect, useMemo, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { faultWords } from '../../components/faults.ts';
import { linkTip, refusalText } from '../../components/link-words.ts';
import { nextWaiting } from '../../components/palette-items.ts';
import { plainText } from '../../components/plain-text.ts';
import { serverName } from '../../components/popup-view.ts';
import { sessionLabel } from '../../components/session-view.ts';
import { Strip } from '../../components/strip.tsx';
import { TerminalBar } from '../../components/terminal-bar.tsx';
import {
  connectionNote,
  favicon,
  headingState,
  tabTitle,
} from '../../components/terminal-heading.ts';
import { safePaste } from '../../components/terminal-keys.ts';
import { retriesOnEnter, terminalLayer } from '../../components/terminal-layer.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { useNow } from '../../components/use-now.ts';
import { followState, readState } from '../../lib/extension-state.ts';
import { changeHubMemory } from '../../lib/hub-memory.ts';
import { onPathRenewed } from '../../lib/path-news.ts';
import { checkLink, issueUrl } from '../../lib/links.ts';
import { send } from '../../lib/messaging.ts';
import type { Progress } from '../../lib/progress.ts';
import { storeSetting } from '../../lib/settings.ts';
import { FONT_PX } from '../../lib/settings-table.ts';
import type { TerminalCommand } from '../../lib/commands.ts';
import { followUpdate, readUpdate } from '../../lib/update.ts';
import type { HubId } from '../../protocol/ids.ts';
import { Layer } from './layer.tsx';
import type { ScreenLink } from './links.ts';
import { Notices } from './notices.tsx';
import { Overlays } from './overlays.tsx';
import { doPageAction } from './page-actions.ts';
import { goToSession, moveToWindow, openAddress, openHistory } from './pages.ts';
import { takesPasteWhole } from './paste-guard.ts';
import { pickFiles } from './pick-files.ts';
import { useBell } from './use-bell.ts';
import { copyText, useClipboard } from './use-clipboard.ts';
import { useExtensionGone } from './use-extension-gone.ts';
import { useLook } from './use-look.ts';
import { useOverlay } from './use-overlay.ts';
import { useRetryKey } from './use-retry-key.ts';
import { useSessionSize } from './use-session-size.ts';
import { useTab } from './use-tab.ts';
import { useTerminal } from './use-terminal.ts';
import { useTransfers } from './use-transfers.ts';
import { useWheel } from './use-wheel.ts';

const IS_MAC = navigator.platform.startsWith('Mac');

/** The terminal of one session: screen, bar, and what lies over them. */
export function SessionPage({ hubId, session: name }: { hubId: HubId; session: string }) {
  const look = useLook(hubId);
  const extension = useFollowed(readState, followState);
  const isGone = useExtensionGone();
  const update = useFollowed(readUpdate, followUpdate);
  const [isUpdateSeen, setUpdateSeen] = useState(false);
  const bell = useBell();
  const clipboard = useClipboard(hubId, look?.memory);
  const [hovered, setHovered] = useState<ScreenLink>();
  const [isDragging, setDragging] = useState(false);
  const [matches, setMatches] = useState({ index: -1, count: 0 });
  const [notice, setNotice] = useState('');
  const [progress, setProgress] = useState<Progress | null>(null);

  const view = extension?.hubs.find(({ hub }) => hub.id === hubId);
  const session = view?.sessions.find((one) => one.name === name);
  const hereKey = `${hubId}/${name}`;

  const terminal = useTerminal({
    hubId,
    session: name,
    look,
    events: {
      isMac: IS_MAC,
      onText: (text) => void pasteText(text),
      onFiles: (files) => transfers.upload(files),
      onDrag: setDragging,
      onHover: setHovered,
      onOpen: (link) => openLink(link),
      onCommand: (command) => run(command),
      onBell: bell.ring,
      onProgress: setProgress,
      onWheel: (direction) => wheel.onWheel(direction),
      onCopyAsked: clipboard.onCopyAsked,
      onSelected: (text) => void copyText(text),
      onFound: setMatches,
    },
  });
  const { emulator, state, retryNow } = terminal;
  const focus = () => emulator.current?.focus();
  const overlay = useOverlay(focus);
  const wheel = useWheel(hubId, name, (keys) => emulator.current?.type(keys));
  const transfers = useTransfers(hubId, name, (paths) => {
    // The agent gets them as if they had been pasted: as text, with nothing that runs.
    emulator.current?.paste(`${paths.map(asWord).join(' ')} `);
    focus();
  });
  const nowMs = useNow(
    500,
    state.kind === 'connecting' ||
      state.kind === 'reconnecting' ||
      overlay.overlay.kind === 'palette',
  );

  const size = useSessionSize(
    hubId,
    name,
    state.kind === 'open' ? terminal.size : undefined,
    session,
  );

  const label = sessionLabel(session ?? { name });
  const hubName = view?.hub.name ?? (state.kind === 'open' ? state.hubName : '');
  const layer = terminalLayer(state, terminal.hadScreen, nowMs);
  const shown = headingState(state, layer, view?.isRecalled ? undefined : session?.state);
  // A title is the program's word about the screen: without a live one it would be stale.
  const hasScreen = layer.kind === 'none' || layer.kind === 'reconnecting';
  const said = plainText(session?.question ?? '') || terminal.title;
  const title = hasScreen ? said || plainText(session?.title ?? '') : '';
  const account = extension?.account;
  const hasServer = account !== undefined && account.kind !== 'not-configured';
  const server = hasServer ? serverName(account.serverUrl) : '';
  const isSignedOut = account?.kind === 'signed-out' && state.kind === 'open';

  const pasteText = async (text: string) => {
    const screen = emulator.current;
    if (!screen) return;
    const mayAsk = /[\r\n]/.test(text) && (look?.settings.confirmPaste ?? true);
    const version = look?.memory.tmuxVersion;
    if (mayAsk && !(await takesPasteWhole(hubId, name, version, screen.takesPasteWhole)))
      overlay.show({ kind: 'paste', text });
    else screen.paste(text);
  };

  const openLink = ({ target, shown: text }: ScreenLink) => {
    if (target.kind === 'file') {
      overlay.show({ kind: 'download', path: target.path });
      return;
    }
    const address =
      target.kind === 'url' ? target.url : issueUrl(session?.agent?.repo ?? '', target.issue);
    if (address === undefined) return;
    const check = checkLink(address, target.kind === 'url' ? text : '');
    if (check.ok) openAddress(check.url);
    else setNotice(refusalText(check.why, hubName));
  };

  const zoom = (to: (px: number) => number | undefined) => {
    const usual = look?.settings.fontPx ?? FONT_PX.usual;
    void changeHubMemory(hubId, (memory) => {
      const px = to(memory.fontPx ?? usual);
      return { fontPx: px && Math.min(FONT_PX.max, Math.max(FONT_PX.min, px)) };
    });
  };

  const run = (command: TerminalCommand) => {
    switch (command) {
      case 'palette':
        overlay.show({ kind: 'palette' });
        return;
      case 'find':
        overlay.show({ kind: 'find' });
        return;
      case 'next-waiting': {
        const next = nextWaiting(extension?.hubs ?? [], hereKey, Date.now());
        if (next) goToSession(next.hubId, next.session);
        else setNotice(i18n.t('terminal.noneWaits'));
        return;
      }
      case 'history':
        openHistory(hubId, name);
        return;
      case 'copy':
        void copyText(emulator.current?.selection ?? '');
        return;
      case 'paste':
        void navigator.clipboard.readText().then(
          (text) => pasteText(safePaste(text)),
          () => undefined,
        );
        return;
      case 'new-line':
        emulator.current?.newLine();
        return;
      case 'bigger':
        zoom((px) => px + 1);
        return;
      case 'smaller':
        zoom((px) => px - 1);
        return;
      case 'usual-size':
        zoom(() => undefined);
        return;
      case 'window':
        void moveToWindow(hubId, name);
        return;
      case 'send-file':
        void pickFiles().then(transfers.upload);
        return;
      case 'download':
        overlay.show({ kind: 'download', path: (emulator.current?.selection ?? '').trim() });
        return;
      case 'fit':
        size.fit();
        return;
      case 'bar':
        void storeSetting('showBar', !(look?.settings.showBar ?? true));
    }
  };

  useEffect(() => {
    document.documentElement.dataset['terminal'] = state.kind;
  }, [state.kind]);
  const isOnline = view?.hub.online ?? false;
  useEffect(() => {
    // The hub is back: there is no reason to wait for the next try.
    if (isOnline && state.kind === 'reconnecting') retryNow();
  }, [isOnline]);
  useEffect(
    () =>
      onPathRenewed(() => {
        if (state.kind === 'reconnecting') retryNow();
      }),
    [state.kind],
  );
  const isKeyInDoubt = view?.sessionsFault?.hostKey !== undefined;
  useEffect(() => {
    // A person has compared the host key: what it blocked may go on.
    if (!isKeyInDoubt && state.kind === 'failed' && state.fault.hostKey) retryNow();
  }, [isKeyInDoubt]);
  const shownProgress = state.kind === 'open' ? progress : null;
  const heading = tabTitle(shown, label, plainText(hubName, 80), shownProgress?.percent);
  useTab(bell.isUnseen ? `🔔 ${heading}` : heading, favicon(shown));
  const canRetry = state.kind === 'failed' && faultWords(state.fault.code).action === 'retry';
  useRetryKey(retriesOnEnter(layer, canRetry), retryNow);

  const tip = useMemo(() => {
    if (!hovered) return undefined;
    const { target, shown: text } = hovered;
    const check = target.kind === 'url' ? checkLink(target.url, text) : undefined;
    const issue =
      target.kind === 'issue' ? issueUrl(session?.agent?.repo ?? '', target.issue) : undefined;
    return linkTip(target, check, issue, IS_MAC);
  }, [hovered, session?.agent?.repo]);

  return (
    <>
      {(look?.settings.showBar ?? true) && (
        <TerminalBar
          state={shown}
          label={label}
          hubName={plainText(hubName, 80)}
          title={title}
          isReadOnly={size.isReadOnly}
          conflict={size.conflict}
          keysNotSent={state.kind === 'reconnecting' ? state.keysNotSent : 0}
          connection={connectionNote(state, layer, terminal.lastPath, nowMs)}
          rings={bell.rings}
          progress={shownProgress}
          onCommand={run}
        />
      )}
      {isGone && (
        <Strip icon="unplug" tone="failed" fault="extension-gone">
          {i18n.t('terminal.stopped')}
        </Strip>
      )}
      {update !== undefined && !isUpdateSeen && (
        <Strip
          icon="download"
          fault="update"
          action={{
            label: i18n.t('terminal.restart'),
            onClick: () => void send('background', 'install-update', {}),
          }}
          onClose={() => setUpdateSeen(true)}
        >
          {i18n.t('terminal.update', { version: plainText(update, 20) })}{' '}
          <span class="muted">{i18n.t('terminal.updateReopens')}</span>
        </Strip>
      )}
      {isSignedOut && (
        <Strip
          icon="key-round"
          tone="waiting"
          fault="signed-out"
          action={{ label: i18n.t('action.signIn'), onClick: () => doPageAction('sign-in') }}
        >
          {i18n.t('terminal.signedOutStays')}
        </Strip>
      )}
      <Layer
        layer={layer}
        hubId={hubId}
        hub={view?.hub}
        hubName={hubName}
        server={server}
        session={name}
        nowMs={nowMs}
        onRetry={() => {
          retryNow();
          focus();
        }}
      >
        <div class={isDragging ? 'screen dragging' : 'screen'}>
          <div class="screen-host" ref={terminal.host} />
        </div>
        <Overlays
          use={overlay}
          emulator={emulator}
          matches={matches}
          palette={{
            hubs: extension?.hubs ?? [],
            hereKey,
            chosen: look?.settings.keys ?? {},
            isMac: IS_MAC,
            isOnline: true,
          }}
          nowMs={nowMs}
          onCommand={run}
          onSession={goToSession}
          onHistory={(query) => openHistory(hubId, name, query)}
          onDownload={transfers.download}
        />
        <Notices
          clipboard={clipboard}
          transfers={transfers}
          size={size}
          hubName={plainText(hubName, 40)}
          notice={notice}
          offerHistory={wheel.isOffered ? () => openHistory(hubId, name) : undefined}
          onNoticeOver={() => setNotice('')}
          tip={tip}
          isDragging={isDragging}
        />
      </Layer>
    </>
  );
}

/** A path as one word of a prompt. */
function asWord(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
