import { i18n } from '#i18n';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { ask } from '../../lib/ask.ts';
import type { Hub } from '../../protocol/hubs.ts';
import { useChange } from './use-change.ts';

interface LeaveDialogProps {
  hub: Hub;
  server: string;
  onClose: () => void;
}

/** Asks before a guest leaves a hub: only its owner can let them in again. */
export function LeaveDialog({ hub, server, onClose }: LeaveDialogProps) {
  const { isBusy, error, run } = useChange(server);
  // A guest sees one share of the hub: their own.
  const shareId = hub.shares[0]?.id ?? '';
  const leave = i18n.t('options.sharing.leave', { name: hub.name });
  return (
    <ConfirmDialog
      title={`${leave}?`}
      sentence={i18n.t('options.sharing.leaveSentence', { owner: hub.owner })}
      confirmLabel={isBusy ? i18n.t('options.sharing.leaving') : leave}
      isBusy={isBusy}
      error={error}
      onConfirm={() => run(() => ask('end-share', { hubId: hub.id, shareId }), onClose)}
      onCancel={onClose}
    />
  );
}
