import { useEffect } from 'preact/hooks';
import { FaultCard } from '../../components/fault-card.tsx';
import { faultWords } from '../../components/faults.ts';
import { sessionLabel } from '../../components/session-view.ts';
import { serverName } from '../../components/popup-view.ts';
import { plainText } from '../../components/plain-text.ts';
import { Strip } from '../../components/strip.tsx';
import { TerminalBar } from '../../components/terminal-bar.tsx';
import {
  connectionNote,
  favicon,
  headingState,
  tabTitle,
} from '../../components/terminal-heading.ts';
import { retriesOnEnter, terminalLayer } from '../../components/terminal-layer.ts';
import { useNow } from '../../components/use-now.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { followState, readState } from '../../lib/extension-state.ts';
import type { Fault, Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { Layer } from './layer.tsx';
import { doPageAction } from './page-actions.ts';
import { useExtensionGone } from './use-extension-gone.ts';
import { useTerminal } from './use-terminal.ts';

interface TerminalPageProps {
  address: Result<{ hubId: HubId; session: string }>;
}

/** One tab, one session. The address is hostile input: a refused one opens nothing. */
export function TerminalPage({ address }: TerminalPageProps) {
  return address.ok ? <SessionPage {...address.value} /> : <RefusedPage fault={address.error} />;
}

function SessionPage({ hubId, session: name }: { hubId: HubId; session: string }) {
  const terminal = useTerminal(hubId, name);
  const extension = useFollowed(readState, followState);
  const isGone = useExtensionGone();
  const { state } = terminal;
  const nowMs = useNow(500, state.kind === 'connecting' || state.kind === 'reconnecting');

  const view = extension?.hubs.find(({ hub }) => hub.id === hubId);
  const session = view?.sessions.find((one) => one.name === name);
  const label = sessionLabel(session ?? { name });
  const hubName = view?.hub.name ?? (state.kind === 'open' ? state.hubName : '');
  const layer = terminalLayer(state, terminal.hadScreen, nowMs);
  const shown = headingState(state, layer, session?.state);
  // A title is the program's word about the screen: without a live one it would be stale.
  const hasScreen = layer.kind === 'none' || layer.kind === 'reconnecting';
  const said = plainText(session?.question ?? '') || terminal.title;
  const title = hasScreen ? said || plainText(session?.title ?? '') : '';
  const account = extension?.account;
  const hasServer = account !== undefined && account.kind !== 'not-configured';
  const server = hasServer ? serverName(account.serverUrl) : '';
  const isSignedOut = account?.kind === 'signed-out' && state.kind === 'open';

  useEffect(() => {
    document.documentElement.dataset['terminal'] = state.kind;
  }, [state.kind]);
  const isOnline = view?.hub.online ?? false;
  const { retryNow } = terminal;
  useEffect(() => {
    // The hub is back: there is no reason to wait for the next try.
    if (isOnline && state.kind === 'reconnecting') retryNow();
  }, [isOnline]);
  useTab(tabTitle(shown, label, plainText(hubName, 80)), favicon(shown));
  const canRetry = state.kind === 'failed' && faultWords(state.fault.code).action === 'retry';
  useRetryKey(retriesOnEnter(layer, canRetry), terminal.retryNow);

  return (
    <>
      <TerminalBar
        state={shown}
        label={label}
        hubName={plainText(hubName, 80)}
        title={title}
        keysNotSent={state.kind === 'reconnecting' ? state.keysNotSent : 0}
        connection={connectionNote(state, layer, terminal.lastPath, nowMs)}
      />
      {isGone && (
        <Strip icon="unplug" tone="failed" fault="extension-gone">
          Hubtab stopped. Open the extensions page and turn it on again.
        </Strip>
      )}
      {isSignedOut && (
        <Strip
          icon="key-round"
          tone="waiting"
          fault="signed-out"
          action={{ label: 'Sign in', onClick: () => doPageAction('sign-in') }}
        >
          You are signed out. This terminal stays until it is closed.
        </Strip>
      )}
      <Layer
        layer={layer}
        hub={view?.hub}
        hubName={hubName}
        server={server}
        session={name}
        nowMs={nowMs}
        onRetry={() => {
          terminal.retryNow();
          terminal.focus();
        }}
      >
        <div class="screen">
          <div class="screen-host" ref={terminal.host} />
        </div>
      </Layer>
    </>
  );
}

function RefusedPage({ fault }: { fault: Fault }) {
  useEffect(() => {
    document.documentElement.dataset['terminal'] = 'failed';
  }, []);
  useTab('Hubtab', favicon('offline'));
  return (
    <main class="stage">
      <div class="veil solid">
        <FaultCard
          fault={fault}
          words={faultWords(fault.code)}
          second="close-tab"
          isFlat
          onAction={(action) => action !== 'retry' && doPageAction(action)}
        />
      </div>
    </main>
  );
}

function useTab(title: string, icon: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = icon;
  }, [icon]);
}

/** Enter tries again while there is nobody to type to. A focused button keeps its Enter. */
function useRetryKey(isOn: boolean, retry: () => void): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
      if (event.key !== 'Enter' || !isPlain || event.target instanceof HTMLButtonElement) return;
      if (event.target instanceof HTMLElement && event.target.closest('summary')) return;
      event.preventDefault();
      event.stopPropagation();
      retry();
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, [isOn, retry]);
}
