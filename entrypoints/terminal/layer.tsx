import type { ComponentChildren } from 'preact';
import { i18n } from '#i18n';
import { ConnectingCard } from '../../components/connecting-card.tsx';
import { EndedStrip } from '../../components/ended-strip.tsx';
import { FaultCard } from '../../components/fault-card.tsx';
import type { FaultAction, FaultWords } from '../../components/fault-table.ts';
import { faultWords } from '../../components/faults.ts';
import type { TerminalLayer } from '../../components/terminal-layer.ts';
import { agoText } from '../../components/times.ts';
import { useOnline } from '../../components/use-online.ts';
import type { Fault } from '../../protocol/contexts.ts';
import type { Hub } from '../../protocol/hubs.ts';
import type { HubId } from '../../protocol/ids.ts';
import { checkHostKey, doPageAction } from './page-actions.ts';

interface LayerProps {
  layer: TerminalLayer;
  hubId: HubId;
  hub: Hub | undefined;
  hubName: string;
  server: string;
  session: string;
  nowMs: number;
  onRetry: () => void;
  /** The screen, which stays in the page under every layer. */
  children: ComponentChildren;
}

/** The screen, and above or over it what is to be said about the connection. */
export function Layer(props: LayerProps) {
  const { layer, onRetry, children } = props;
  return (
    <>
      {layer.kind === 'ended' && (
        <EndedStrip
          how={layer.how}
          code={layer.code}
          afterMs={layer.afterMs}
          onOtherSessions={() => doPageAction('other-sessions')}
          onAttachAgain={onRetry}
        />
      )}
      <main class="stage">
        {children}
        {layer.kind === 'reconnecting' && (
          <div class="thin" role="status" data-state="reconnecting">
            <span class="spinner" aria-hidden="true" />
            <span class="grow num">{i18n.t('terminal.reconnecting', [layer.attempt])}</span>
          </div>
        )}
        <Veil {...props} />
      </main>
    </>
  );
}

function Veil({ layer, hubId, hub, hubName, server, session, nowMs, onRetry }: LayerProps) {
  const isOnline = useOnline();
  switch (layer.kind) {
    case 'none':
    case 'reconnecting':
    case 'ended':
      return null;
    case 'connecting':
      return (
        <div class="veil solid">
          <ConnectingCard
            hubName={hubName}
            sshUser={hub?.sshUser ?? ''}
            steps={layer.steps}
            isSlow={layer.isSlow}
          />
        </div>
      );
    case 'lost':
    case 'failed': {
      const subject = { hub: hubName, server, user: hub?.sshUser, session };
      const words = cardWords(layer.fault, faultWords(layer.fault.code, subject), hub, nowMs);
      const isAway = layer.kind === 'lost' && !isOnline;
      return (
        <div class={layer.isSolid ? 'veil solid' : 'veil'}>
          <FaultCard
            fault={layer.fault}
            words={isAway ? offlineWords(hubName) : words}
            {...secondAction(layer.fault)}
            nextTryInS={layer.kind === 'lost' ? layer.nextTryInS : undefined}
            isFlat={layer.isSolid}
            onAction={(action) => {
              if (action === 'retry') onRetry();
              else if (action === 'check-key') checkHostKey(hubId);
              else doPageAction(action);
            }}
          />
        </div>
      );
    }
  }
}

function cardWords(
  fault: Fault,
  words: FaultWords,
  hub: Hub | undefined,
  nowMs: number,
): FaultWords {
  const seenAt = hub?.lastSeenAt;
  if (fault.code !== 'hub-offline' || !seenAt) return words;
  return {
    ...words,
    sentence: i18n.t('terminal.lastSeen', {
      ago: agoText(Date.parse(seenAt), nowMs),
      sentence: words.sentence,
    }),
  };
}

function offlineWords(hubName: string): FaultWords {
  return {
    title: i18n.t('terminal.browserOffline'),
    sentence: i18n.t('terminal.browserOfflineSentence', {
      hub: hubName || i18n.t('someone.hub'),
    }),
    action: 'retry',
  };
}

/** The plain button beside the main one. */
function secondAction(fault: Fault): { second?: FaultAction } {
  if (fault.hostKey) return { second: 'check-key' };
  if (fault.code === 'hub-offline') return { second: 'other-sessions' };
  if (fault.code === 'session-gone') return { second: 'close-tab' };
  return {};
}
