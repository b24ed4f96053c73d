import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { Chip } from '../../components/chip.tsx';
import { plainText } from '../../components/plain-text.ts';
import { conflictText, othersText } from '../../components/size-words.ts';
import { numberText } from '../../components/times.ts';
import type { Clipboard } from './use-clipboard.ts';
import type { SessionSizeUse } from './use-session-size.ts';
import type { Transfer, Transfers } from './use-transfers.ts';

const MIB = 1024 * 1024;
/** How long a sentence stays that needs no answer. */
const NOTICE_MS = 6000;

interface NoticesProps {
  clipboard: Clipboard;
  transfers: Transfers;
  size: SessionSizeUse;
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
  const { clipboard, transfers, size, hubName, notice, onNoticeOver } = props;
  const { offerHistory, tip, isDragging } = props;
  const hub = hubName || i18n.t('someone.hub');
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
          <Chip
            kind="history"
            actions={[{ label: i18n.t('terminal.openHistory'), onClick: offerHistory }]}
          >
            {i18n.t('terminal.scrolledOff')}
          </Chip>
        )}
        {isDragging && <Chip kind="drop">{i18n.t('transfer.drop', { hub })}</Chip>}
        {transfers.current && <TransferChip transfer={transfers.current} transfers={transfers} />}
        <SizeChip size={size} />
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

/** Over the screen, not above it: a strip would change the rows, and with them what it says. */
function SizeChip({ size: { conflict, fit } }: { size: SessionSizeUse }) {
  const [closed, setClosed] = useState('');
  const text = conflict ? conflictText(conflict) : '';
  if (!conflict || text === closed) return null;
  const others = othersText(conflict);
  return (
    <Chip
      kind="size"
      actions={[
        { label: i18n.t('command.fit'), onClick: fit },
        { label: i18n.t('button.close'), onClick: () => setClosed(text) },
      ]}
    >
      {text}{' '}
      {others !== '' && (
        <span class="muted num">{i18n.t('size.attached', { clients: others })}</span>
      )}
    </Chip>
  );
}

function ClipboardChip({ clipboard, hubName }: { clipboard: Clipboard; hubName: string }) {
  const { asked, answer } = clipboard;
  const hub = hubName || i18n.t('someone.hub');
  if (!asked) return null;
  if (asked.waitsFor === 'focus')
    return (
      <Chip
        kind="copied"
        actions={[{ label: i18n.t('clipboard.click'), onClick: () => answer('once') }]}
      >
        {i18n.t('clipboard.copied')}
      </Chip>
    );
  return (
    <Chip
      kind="consent"
      actions={[
        { label: i18n.t('copy.idle'), onClick: () => answer('once') },
        { label: i18n.t('clipboard.always'), onClick: () => answer('always') },
        { label: i18n.t('clipboard.never'), onClick: () => answer('never') },
      ]}
    >
      {i18n.t('clipboard.asks', { hub, text: plainText(asked.text, 40) })}
    </Chip>
  );
}

function TransferChip({ transfer, transfers }: { transfer: Transfer; transfers: Transfers }) {
  if (transfer.kind === 'failed')
    return (
      <Chip
        kind="failed"
        isError
        actions={[{ label: i18n.t('button.close'), onClick: transfers.dismiss }]}
      >
        {transfer.text}
      </Chip>
    );
  const { name, doneBytes, totalBytes } = transfer;
  return (
    <Chip
      kind={transfer.kind}
      actions={[{ label: i18n.t('button.cancel'), onClick: transfers.cancel }]}
      progress={totalBytes === 0 ? 1 : doneBytes / totalBytes}
    >
      <span class="num">
        {i18n.t(`transfer.${transfer.kind}`, {
          name: plainText(name, 40),
          done: sizeText(doneBytes),
          all: sizeText(totalBytes),
        })}
      </span>
    </Chip>
  );
}

function sizeText(bytes: number): string {
  if (bytes < MIB) return i18n.t('transfer.kib', [numberText(Math.ceil(bytes / 1024))]);
  return i18n.t('transfer.mib', [numberText(Math.round((bytes / MIB) * 10) / 10)]);
}
