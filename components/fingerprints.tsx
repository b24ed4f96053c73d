import { i18n } from '#i18n';
import type { HostKeyReport } from '../protocol/tailnet-error.ts';

/** What a hub presented, and what is known of it instead. */
export function Fingerprints({ offered, registered, netmap, seen }: HostKeyReport) {
  const known = new Set([...registered, ...netmap, ...(seen ? [seen] : [])]);
  known.delete(offered);
  return (
    <dl class="prints">
      {[...known].map((print) => (
        <>
          <dt class="muted">{i18n.t('hostKey.known')}</dt>
          <dd>
            <code>{print}</code>
          </dd>
        </>
      ))}
      <dt class="muted">{i18n.t('hostKey.offered')}</dt>
      <dd>
        <code class="offered">{offered}</code>
      </dd>
    </dl>
  );
}
