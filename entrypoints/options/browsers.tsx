import { useCallback, useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { faultWords } from '../../components/faults.ts';
import type { FormError } from '../../components/line-form.tsx';
import { plainText } from '../../components/plain-text.ts';
import { agoText, clockText } from '../../components/times.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { ask } from '../../lib/ask.ts';
import type { Fault } from '../../protocol/contexts.ts';
import type { BrowserNode, Hub } from '../../protocol/hubs.ts';
import { formError } from './use-server.ts';

interface BrowsersProps {
  hub: Hub;
  server: string;
  nowMs: number;
}

/** The browsers that are in a hub's network now, each with the way to cut it off. */
export function Browsers({ hub, server, nowMs }: BrowsersProps) {
  const [browsers, setBrowsers] = useState<BrowserNode[]>();
  const [fault, setFault] = useState<Fault>();
  const [removing, setRemoving] = useState<BrowserNode>();
  const read = useCallback(async () => {
    const reply = await ask('browsers', { hubId: hub.id });
    setFault(reply.ok ? undefined : reply.error);
    if (reply.ok) setBrowsers(reply.value.browsers);
  }, [hub.id]);
  useEffect(() => void read(), [read]);
  return (
    <div class="browsers" data-browsers={hub.id} aria-busy={browsers === undefined && !fault}>
      {fault && (
        <WrongHint fault={fault.code}>
          {faultWords(fault.code, { server }, 'form').sentence}
        </WrongHint>
      )}
      {!fault && browsers === undefined && <p class="muted">{i18n.t('options.hubs.reading')}</p>}
      {browsers?.length === 0 && <p class="muted">{i18n.t('options.hubs.none')}</p>}
      <ul aria-label={i18n.t('options.hubs.browsers', { hub: hub.name })}>
        {browsers?.map((one) => (
          <li key={one.nodeId} data-node-id={one.nodeId}>
            <span class={one.online ? 'dot' : 'dot none'} aria-hidden="true" />
            <span class="cut" title={one.hostname}>
              {plainText(one.hostname, 80)}
            </span>
            <span class="muted num">{seenText(one, nowMs)}</span>
            <button type="button" class="button small" onClick={() => setRemoving(one)}>
              {i18n.t('options.hubs.remove', { name: '' }).trim()}
              <span class="visually-hidden"> {one.hostname}</span>
            </button>
          </li>
        ))}
      </ul>
      {removing && (
        <RemoveBrowser
          hub={hub}
          browser={removing}
          server={server}
          onClose={() => {
            setRemoving(undefined);
            void read();
          }}
        />
      )}
    </div>
  );
}

function seenText({ online, createdAt, lastSeenAt }: BrowserNode, nowMs: number): string {
  const since = i18n.t('options.hubs.since', { time: clockText(Date.parse(createdAt), nowMs) });
  if (online) return `${i18n.t('options.hubs.online')}, ${since}`;
  if (lastSeenAt === null) return since;
  return i18n.t('options.hubs.seen', { time: agoText(Date.parse(lastSeenAt), nowMs) });
}

interface RemoveBrowserProps {
  hub: Hub;
  browser: BrowserNode;
  server: string;
  onClose: () => void;
}

function RemoveBrowser({ hub, browser, server, onClose }: RemoveBrowserProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const name = plainText(browser.hostname, 80);
  const remove = async () => {
    if (isBusy) return;
    setBusy(true);
    const reply = await ask('remove-browser', { hubId: hub.id, nodeId: browser.nodeId });
    setBusy(false);
    if (reply.ok) onClose();
    else setError(formError(reply.error.code, server));
  };
  return (
    <ConfirmDialog
      title={i18n.t('options.hubs.removeTitle', { name })}
      sentence={i18n.t('options.hubs.removeSentence', { hub: hub.name })}
      confirmLabel={
        isBusy ? i18n.t('options.hubs.removing') : i18n.t('options.hubs.remove', { name })
      }
      isBusy={isBusy}
      error={error}
      onConfirm={() => void remove()}
      onCancel={onClose}
    />
  );
}
