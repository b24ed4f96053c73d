import { i18n } from '#i18n';
import { useState } from 'preact/hooks';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { HubRow, type HubPanel } from '../../components/hub-row.tsx';
import { Icon } from '../../components/icon.tsx';
import type { FormError } from '../../components/line-form.tsx';
import { serverName } from '../../components/popup-view.ts';
import { StateIcon } from '../../components/state-icon.tsx';
import { useFollowed } from '../../components/use-followed.ts';
import { ask } from '../../lib/ask.ts';
import { followHostKeys, readHostKeys } from '../../lib/host-keys.ts';
import type { ExtensionState } from '../../protocol/contexts.ts';
import type { Hub } from '../../protocol/hubs.ts';
import { Browsers } from './browsers.tsx';
import { AddHub } from './forms.tsx';
import { HubNotices } from './hub-notices.tsx';
import { LeaveDialog } from './leave-dialog.tsx';
import { Offers } from './offers.tsx';
import { Sharing } from './sharing.tsx';
import { CompareKeyDialog, ForgetKeyDialog } from './host-key-dialogs.tsx';
import { formError } from './use-server.ts';
import { useSettings } from './use-setting.ts';

interface HubsSectionProps {
  state: ExtensionState;
  nowMs: number;
  /** True when the visitor came to add one. */
  startsAdding: boolean;
  /** The hub whose host key the visitor came to compare. */
  comparesKeyOf: string | undefined;
}

/** The account's hubs, with the ways to add one and to remove one. */
export function HubsSection({ state, nowMs, startsAdding, comparesKeyOf }: HubsSectionProps) {
  const [adding, setAdding] = useState<{ known: Set<string> } | undefined>(
    startsAdding ? { known: new Set(state.hubs.map(({ hub }) => hub.id)) } : undefined,
  );
  const [removing, setRemoving] = useState<Hub>();
  const [comparing, setComparing] = useState(comparesKeyOf);
  const [forgetting, setForgetting] = useState<Hub>();
  const known = useFollowed(readHostKeys, followHostKeys);
  const [open, setOpen] = useState<{ hubId: string; panel: HubPanel }>();
  const { settings, choose } = useSettings();
  const unwatched = settings?.unwatchedHubs ?? [];
  const watch = (hubId: string, isOn: boolean) => {
    const others = unwatched.filter((one) => one !== hubId);
    choose('unwatchedHubs', isOn ? others : [...others, hubId]);
  };
  const { account, hubs } = state;
  if (account.kind !== 'signed-in') return null;
  const server = serverName(account.serverUrl);
  const compared = hubs.find(({ hub }) => hub.id === comparing);
  const arrived = adding && hubs.find(({ hub }) => !adding.known.has(hub.id))?.hub;
  const toggle = () =>
    setAdding(adding ? undefined : { known: new Set(hubs.map(({ hub }) => hub.id)) });
  return (
    <section id="hubs">
      <h2>
        {i18n.t('options.hubs.title')}
        <span class="right">
          <button
            type="button"
            class="button small"
            aria-expanded={adding !== undefined}
            onClick={toggle}
          >
            <Icon name={adding ? 'x' : 'plus'} isSmall />
            {adding ? i18n.t('sheet.close') : i18n.t('popup.addHub')}
          </button>
        </span>
      </h2>
      {adding && (
        <div class="add-hub">
          {arrived ? (
            <p class="arrived" role="status" data-state="arrived">
              <StateIcon state="done" label="" />
              {i18n.t('options.hubs.arrived', { hub: arrived.name })}
            </p>
          ) : (
            <AddHub account={account} server={server} />
          )}
        </div>
      )}
      <ul>
        {hubs.map((view) => (
          <HubRow
            key={view.hub.id}
            view={view}
            nowMs={nowMs}
            isTrusted={(known?.[view.hub.id]?.trusted.length ?? 0) > 0}
            onCompareKey={() => setComparing(view.hub.id)}
            onForgetKey={() => setForgetting(view.hub)}
            isWatching={!unwatched.includes(view.hub.id)}
            onWatch={(isOn) => watch(view.hub.id, isOn)}
            panel={open?.hubId === view.hub.id ? open.panel : undefined}
            onPanel={(panel) => {
              const isOpen = open?.hubId === view.hub.id && open.panel === panel;
              setOpen(isOpen ? undefined : { hubId: view.hub.id, panel });
            }}
            onRemove={() => setRemoving(view.hub)}
          >
            <HubNotices hub={view.hub} server={server} nowMs={nowMs} />
            {open?.hubId === view.hub.id && open.panel === 'browsers' && (
              <Browsers hub={view.hub} server={server} nowMs={nowMs} />
            )}
            {open?.hubId === view.hub.id && open.panel === 'sharing' && (
              <Sharing hub={view.hub} server={server} />
            )}
          </HubRow>
        ))}
      </ul>
      <Offers offers={state.offers ?? []} server={server} />
      {hubs.length === 0 && !adding && <p class="muted none">{i18n.t('options.hubs.noHubs')}</p>}
      {compared && <CompareKeyDialog view={compared} onClose={() => setComparing(undefined)} />}
      {forgetting && <ForgetKeyDialog hub={forgetting} onClose={() => setForgetting(undefined)} />}
      {removing?.role === 'guest' && (
        <LeaveDialog hub={removing} server={server} onClose={() => setRemoving(undefined)} />
      )}
      {removing?.role === 'owner' && (
        <RemoveDialog hub={removing} server={server} onClose={() => setRemoving(undefined)} />
      )}
    </section>
  );
}

interface RemoveDialogProps {
  hub: Hub;
  server: string;
  onClose: () => void;
}

function RemoveDialog({ hub, server, onClose }: RemoveDialogProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const remove = async () => {
    if (isBusy) return;
    setBusy(true);
    const reply = await ask('remove-hub', { hubId: hub.id });
    setBusy(false);
    if (reply.ok) onClose();
    else setError(formError(reply.error.code, server));
  };
  return (
    <ConfirmDialog
      title={i18n.t('options.hubs.removeTitle', { name: hub.name })}
      sentence={i18n.t('options.hubs.removeHub')}
      confirmLabel={
        isBusy ? i18n.t('options.hubs.removing') : i18n.t('options.hubs.remove', { name: hub.name })
      }
      isBusy={isBusy}
      error={error}
      onConfirm={() => void remove()}
      onCancel={onClose}
    />
  );
}
