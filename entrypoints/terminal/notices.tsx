import { useEffect } from 'preact/hooks';
import { Chip } from '../../components/chip.tsx';
import { plainText } from '../../components/plain-text.ts';
import type { Clipboard } from './use-clipboard.ts';
import type { Transfer, Transfers } from './use-transfers.ts';

/** How long a sentence stays that needs no answer. */
const NOTICE_MS = 6000;

interface NoticesProps {
  clipboard: Clipboard;
  transfers: Transfers;
  hubName: string;
  notice: string;
  onNoticeOver: () => void;
  /** Set while the wheel asks for what scrolled off. */
  offerHistory: (() => void) | undefined;
  /** Where the link under the pointer leads. */
  tip: { text: string; isRefused: boolean } | undefined;
  isDragging: boolean;
}

/** The corners of the screen: notices on the right, where a link leads on the left. None takes the focus. */
export function Notices(props: NoticesProps) {
  const { clipboard, transfers, hubName, notice, onNoticeOver, offerHistory, tip, isDragging } =
    props;
  useEffect(() => {
    if (notice === '') return undefined;
    const timer = setTimeout(onNoticeOver, NOTICE_MS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <>
      <div class="chips">
        {notice !== '' && <Chip kind="notice">{notice}</Chip>}
        {offerHistory && (
          <Chip kind="history" actions={[{ label: 'Open history', onClick: offerHistory }]}>
            What scrolled off is in the history
          </Chip>
        )}
        {isDragging && <Chip kind="drop">Drop to send to {hubName || 'the hub'}</Chip>}
        {transfers.current && <TransferChip transfer={transfers.current} transfers={transfers} />}
        <ClipboardChip clipboard={clipboard} hubName={hubName} />
      </div>
      {tip && tip.text !== '' && (
        <div class={tip.isRefused ? 'tip refused cut' : 'tip cut'} data-tip>
          {tip.text}
        </div>
      )}
    </>
  );
}

function ClipboardChip({ clipboard, hubName }: { clipboard: Clipboard; hubName: string }) {
  const { asked, answer } = clipboard;
  if (!asked) return null;
  if (asked.waitsFor === 'focus')
    return (
      <Chip kind="copied" actions={[{ label: 'Click to copy', onClick: () => answer('once') }]}>
        Copied by the agent
      </Chip>
    );
  return (
    <Chip
      kind="consent"
      actions={[
        { label: 'Copy', onClick: () => answer('once') },
        { label: 'Always', onClick: () => answer('always') },
        { label: 'Never', onClick: () => answer('never') },
      ]}
    >
      {hubName || 'The hub'} wants to copy “{plainText(asked.text, 40)}” to your clipboard
    </Chip>
  );
}

function TransferChip({ transfer, transfers }: { transfer: Transfer; transfers: Transfers }) {
  if (transfer.kind === 'failed')
    return (
      <Chip kind="failed" isError actions={[{ label: 'Close', onClick: transfers.dismiss }]}>
        {transfer.text}
      </Chip>
    );
  const { name, doneBytes, totalBytes } = transfer;
  const verb = transfer.kind === 'upload' ? 'Sending' : 'Fetching';
  return (
    <Chip
      kind={transfer.kind}
      actions={[{ label: 'Cancel', onClick: transfers.cancel }]}
      progress={totalBytes === 0 ? 1 : doneBytes / totalBytes}
    >
      <span class="num">
        {verb} {plainText(name, 40)} · {sizeText(doneBytes)} of {sizeText(totalBytes)}
      </span>
    </Chip>
  );
}

function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
