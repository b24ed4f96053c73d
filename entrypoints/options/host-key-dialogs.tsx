import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { HostKeyDialog } from '../../components/host-key-dialog.tsx';
import type { FormError } from '../../components/line-form.tsx';
import { ask } from '../../lib/ask.ts';
import type { HubView, Result } from '../../protocol/contexts.ts';
import type { Hub } from '../../protocol/hubs.ts';
import { formError } from './use-server.ts';

interface CompareKeyDialogProps {
  view: HubView;
  onClose: () => void;
}

/** Lets a person judge the key that a hub presented; nothing while none is in doubt. */
export function CompareKeyDialog({ view, onClose }: CompareKeyDialogProps) {
  const { hub, sessionsFault } = view;
  const report = sessionsFault?.hostKey;
  const choice = useChoice(onClose);
  if (!report) return null;
  const { offered: fingerprint } = report;
  return (
    <HostKeyDialog
      hubName={hub.name}
      report={report}
      isBusy={choice.isBusy}
      error={choice.error}
      onTrust={() => choice.make(ask('trust-host-key', { hubId: hub.id, fingerprint }))}
      onClose={onClose}
    />
  );
}

interface ForgetKeyDialogProps {
  hub: Hub;
  onClose: () => void;
}

/** Takes a person's trust in a host key back. */
export function ForgetKeyDialog({ hub, onClose }: ForgetKeyDialogProps) {
  const choice = useChoice(onClose);
  return (
    <ConfirmDialog
      title={i18n.t('hostKey.forgetTitle', { hub: hub.name })}
      sentence={i18n.t('hostKey.forgetSentence')}
      confirmLabel={i18n.t(choice.isBusy ? 'hostKey.forgetting' : 'hostKey.forget')}
      isBusy={choice.isBusy}
      error={choice.error}
      onConfirm={() => choice.make(ask('forget-host-key', { hubId: hub.id }))}
      onCancel={onClose}
    />
  );
}

/** A choice on its way to the background: once at a time, done when it is stored. */
function useChoice(onDone: () => void) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<FormError>();
  const take = async (choosing: Promise<Result<null>>) => {
    setBusy(true);
    const reply = await choosing;
    setBusy(false);
    if (reply.ok) onDone();
    else setError(formError(reply.error.code, ''));
  };
  return { isBusy, error, make: (choosing: Promise<Result<null>>) => void take(choosing) };
}
