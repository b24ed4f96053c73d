import { i18n } from '#i18n';
import type { JoinLine as JoinLineState } from '../lib/join-line.ts';
import type { JoinToken } from '../protocol/hubs.ts';
import { CopyLine } from './copy-line.tsx';
import { faultWords } from './faults.ts';
import { Icon } from './icon.tsx';
import { clockText } from './times.ts';
import { WrongHint } from './wrong-hint.tsx';

interface JoinLineProps {
  line: JoinLineState;
  server: string;
  nowMs: number;
  onCopy: (text: string) => Promise<void>;
  onNewLine: () => void;
}

/** The line that makes a machine a hub, and the wait for it to arrive. */
export function JoinLine({ line, server, nowMs, onCopy, onNewLine }: JoinLineProps) {
  switch (line.kind) {
    case 'asking':
      return (
        <div class="watch" aria-live="polite">
          <span class="spinner" aria-hidden="true" />
          {i18n.t('join.asking', { server })}
        </div>
      );
    case 'failed':
      return (
        <div class="join-failed">
          <WrongHint fault={line.fault.code}>
            {faultWords(line.fault.code, { server }, 'form').sentence}
          </WrongHint>
          <button type="button" class="button" onClick={onNewLine}>
            {i18n.t('button.tryAgain')}
          </button>
        </div>
      );
    case 'ready':
      return <ReadyLine token={line.token} nowMs={nowMs} onCopy={onCopy} onNewLine={onNewLine} />;
  }
}

interface ReadyLineProps {
  token: JoinToken;
  nowMs: number;
  onCopy: (text: string) => Promise<void>;
  onNewLine: () => void;
}

function ReadyLine({ token, nowMs, onCopy, onNewLine }: ReadyLineProps) {
  const expiresAtMs = Date.parse(token.expiresAt);
  if (expiresAtMs <= nowMs) {
    return (
      <div class="watch" data-state="expired" role="status">
        <Icon name="clock" isSmall />
        {i18n.t('join.expired', { time: clockText(expiresAtMs, nowMs) })}
        <span class="right">
          <button type="button" class="button small" onClick={onNewLine}>
            {i18n.t('action.newLine')}
          </button>
        </span>
      </div>
    );
  }
  return (
    <>
      <CopyLine text={token.command} onCopy={onCopy} />
      <div class="watch" aria-live="polite" data-state="waiting-for-hub">
        <span class="spinner" aria-hidden="true" />
        {i18n.t('join.waiting')}
        <span class="right num">
          {i18n.t('join.once', { time: clockText(expiresAtMs, nowMs) })}
        </span>
      </div>
    </>
  );
}
