import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { Icon } from '../../components/icon.tsx';
import { clockText } from '../../components/times.ts';
import { WrongHint } from '../../components/wrong-hint.tsx';
import { ask } from '../../lib/ask.ts';
import type { Hub, HubNotice } from '../../protocol/hubs.ts';
import { useChange } from './use-change.ts';

interface HubNoticesProps {
  hub: Hub;
  server: string;
  nowMs: number;
}

/** What happened to a hub's node that its owner should look at, each until it is dismissed. */
export function HubNotices({ hub, server, nowMs }: HubNoticesProps) {
  const { isBusy, error, run } = useChange(server);
  const [approvedUntil, setApprovedUntil] = useState<string>();
  if (hub.notices.length === 0) return null;
  const approve = () =>
    run(async () => {
      const reply = await ask('approve-rejoin', { hubId: hub.id });
      if (reply.ok) setApprovedUntil(reply.value.expiresAt);
      return reply;
    });
  return (
    <div class="panel-of-hub notices" data-notices={hub.id}>
      {error && <WrongHint fault={error.code}>{error.sentence}</WrongHint>}
      {approvedUntil !== undefined && (
        <p role="status">
          {i18n.t('options.notice.approved', {
            hub: hub.name,
            time: clockText(Date.parse(approvedUntil), nowMs),
          })}
        </p>
      )}
      <ul aria-label={i18n.t('options.notice.title', { hub: hub.name })}>
        {hub.notices.map(({ id, kind, createdAt }) => (
          <li key={id} data-notice={kind}>
            <Icon name="triangle-alert" isSmall />
            <span class="grow">
              {SENTENCES[kind]()}{' '}
              <span class="muted num">{clockText(Date.parse(createdAt), nowMs)}</span>
            </span>
            {kind === 'key-refused' && (
              <button type="button" class="button small" aria-disabled={isBusy} onClick={approve}>
                {i18n.t('options.notice.approve')}
              </button>
            )}
            <button
              type="button"
              class="button small plain"
              aria-disabled={isBusy}
              onClick={() => run(() => ask('dismiss-notice', { hubId: hub.id, noticeId: id }))}
            >
              {i18n.t('options.notice.dismiss')}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

const SENTENCES: Record<HubNotice['kind'], () => string> = {
  'node-replaced': () => i18n.t('options.notice.replaced'),
  'second-node-removed': () => i18n.t('options.notice.second'),
  'key-refused': () => i18n.t('options.notice.refused'),
  'unknown-node': () => i18n.t('options.notice.unknown'),
  'host-keys-changed': () => i18n.t('options.notice.hostKeys'),
};
