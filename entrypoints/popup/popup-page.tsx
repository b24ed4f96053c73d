import { i18n } from '#i18n';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ConnectingMessage } from '../../components/connecting-message.tsx';
import { JoinLine } from '../../components/join-line.tsx';
import { Message } from '../../components/message.tsx';
import { popupView, serverName } from '../../components/popup-view.ts';
import { clockText } from '../../components/times.ts';
import { useNow } from '../../components/use-now.ts';
import { useRepeatedly } from '../../components/use-repeatedly.ts';
import { ask } from '../../lib/ask.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { followState, readState } from '../../lib/extension-state.ts';
import { useJoinLine } from '../../components/use-join-line.ts';
import { watchJoinLine } from '../../lib/join-line.ts';
import type { ExtensionState, Fault } from '../../protocol/contexts.ts';
import { openOptions } from './pages.ts';
import { NewAgent } from './new-agent.tsx';
import { Sessions } from './sessions.tsx';

/** After this a first connection is taken to be slow, and its details are offered. */
const SLOW_MS = 5000;

/** How soon a server that failed is asked again while the popup is open. What hubs do is told as it happens. */
const RETRY_MS = 5000;

/** The popup: draws from the stored state at once, asks for a new reading, and patches what changed. */
export function PopupPage({ first }: { first: ExtensionState | undefined }) {
  const state = useFollowed(readState, followState, first);
  const [showsDetails, setShowsDetails] = useState(false);
  const [isSlow, setSlow] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const refresh = useCallback(async () => {
    const reply = await ask('refresh', {});
    setFault(reply.ok ? undefined : unsaid(reply.error));
  }, []);
  useEffect(() => void refresh(), [refresh]);
  useRepeatedly(refresh, RETRY_MS, state?.serverFault !== undefined);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, []);
  useCloseOnEscape();

  const view = popupView(state);
  switch (view.kind) {
    case 'blank':
      return <Bones />;
    case 'not-configured':
      return (
        <Message
          key={view.kind}
          title={i18n.t('popup.connectTitle')}
          state="not-configured"
          action={{ label: i18n.t('action.setUp'), onClick: () => openOptions() }}
        >
          <p>{i18n.t('popup.connect')}</p>
        </Message>
      );
    case 'signed-out':
      return (
        <Message
          key={view.kind}
          title={i18n.t('popup.signedOut')}
          state="signed-out"
          action={{ label: i18n.t('action.signIn'), onClick: () => openOptions('account') }}
        >
          <p>{view.sentence}</p>
        </Message>
      );
    case 'permission':
      return (
        <Message
          key={view.kind}
          title={i18n.t('popup.accessTitle')}
          state="permission-missing"
          action={{ label: i18n.t('action.allowAccess'), onClick: () => openOptions('account') }}
        >
          <p>{i18n.t('popup.accessRemoved', { server: view.server })}</p>
        </Message>
      );
    case 'connecting':
      if (!showsDetails) {
        return (
          <ConnectingMessage
            steps={view.steps}
            onCancel={() => window.close()}
            onDetails={isSlow ? () => setShowsDetails(true) : undefined}
          />
        );
      }
      break;
    case 'no-hubs':
      return <FirstHub state={state} email={view.email} />;
    case 'list':
  }
  if (!state) return null;
  if (isStarting) return <NewAgent state={state} onClose={() => setStarting(false)} />;
  return (
    <Sessions
      state={state}
      fault={fault}
      onRefresh={refresh}
      onNewAgent={() => setStarting(true)}
    />
  );
}

/** A fault that no view of the popup says already. */
function unsaid(fault: Fault): Fault | undefined {
  return fault.code === 'not-configured' || fault.code === 'signed-out' ? undefined : fault;
}

function FirstHub({ state, email }: { state: ExtensionState | undefined; email: string }) {
  const nowMs = useNow(10_000);
  const account = state?.account ?? { kind: 'not-configured' };
  const { line, renew } = useJoinLine(watchJoinLine, account);
  const server = account.kind === 'not-configured' ? '' : serverName(account.serverUrl);
  const sentence =
    line.kind === 'ready'
      ? i18n.t('popup.runUntil', { time: clockText(Date.parse(line.token.expiresAt), nowMs) })
      : i18n.t('popup.run');
  return (
    <>
      <Message title={i18n.t('popup.firstHub')} state="no-hubs">
        <p>{sentence}</p>
        <JoinLine
          line={line}
          server={server}
          nowMs={nowMs}
          onCopy={(text) => navigator.clipboard.writeText(text)}
          onNewLine={renew}
        />
      </Message>
      <footer class="foot">
        <span class="dot" aria-hidden="true" />
        <span class="grow cut">{email}</span>
        <button type="button" class="link-button" onClick={() => openOptions()}>
          {i18n.t('popup.options')}
        </button>
      </footer>
    </>
  );
}

/** Shown only if reading the stored state takes longer than a frame. */
function Bones() {
  return (
    <div class="bones" aria-busy="true" data-state="blank">
      <div class="bone" style={{ width: '92px' }} />
      <div class="bone" style={{ width: '230px' }} />
      <div class="bone" style={{ width: '188px' }} />
    </div>
  );
}

/** Where no filter has the keys, Esc closes all the same; but a dialog takes it for itself. */
function useCloseOnEscape(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTaken = event.defaultPrevented || document.querySelector('dialog[open]') !== null;
      if (event.key === 'Escape' && !isTaken) window.close();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
