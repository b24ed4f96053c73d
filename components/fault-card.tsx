import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import type { Fault } from '../protocol/contexts.ts';
import { isHostKeyInDoubt } from '../protocol/tailnet-error.ts';
import type { FaultAction, FaultWords } from './fault-table.ts';
import { ACTION_LABELS } from './faults.ts';
import { Fingerprints } from './fingerprints.tsx';
import { HelpLink } from './help-link.tsx';
import { Icon } from './icon.tsx';

interface FaultCardProps {
  fault: Fault;
  words: FaultWords;
  /** A second, plain button. */
  second?: FaultAction;
  /** Countdown to the next try by itself. */
  nextTryInS?: number | undefined;
  /** Flat where it replaces the screen, raised where it lies on it. */
  isFlat: boolean;
  onAction: (action: FaultAction) => void;
}

/** Why there is no terminal: cause, then the likely next step. */
export function FaultCard(props: FaultCardProps) {
  const { fault, words, second, nextTryInS, isFlat, onAction } = props;
  const [showsDetails, setShowsDetails] = useState(false);
  const isBlocked = isHostKeyInDoubt(fault.code);
  const classes = ['card', isFlat && 'flat', isBlocked && 'wide'].filter(Boolean).join(' ');
  return (
    <div
      class={classes}
      data-fault={fault.code}
      role={nextTryInS === undefined ? 'alert' : 'status'}
    >
      <h2>
        {isBlocked && <Icon name="shield-alert" />}
        {words.title}
      </h2>
      <p>{words.sentence}</p>
      {fault.hostKey && <Fingerprints {...fault.hostKey} />}
      <div class="actions">
        {words.action !== 'none' && (
          <button type="button" class="button main" onClick={() => onAction(words.action)}>
            {words.action === 'retry' ? i18n.t('action.retryNow') : ACTION_LABELS[words.action]}
            {words.action === 'retry' && <Icon name="corner-down-left" isSmall />}
          </button>
        )}
        {second && (
          <button type="button" class="button plain" onClick={() => onAction(second)}>
            {ACTION_LABELS[second]}
          </button>
        )}
        {fault.detail !== '' && second === undefined && (
          <button
            type="button"
            class="button plain"
            aria-expanded={showsDetails}
            onClick={() => setShowsDetails(!showsDetails)}
          >
            {i18n.t('button.details')}
          </button>
        )}
        <HelpLink code={fault.code} />
        {nextTryInS !== undefined && (
          // Not announced: a countdown would talk without end.
          <span class="num" aria-hidden="true">
            {nextTryInS === 0
              ? i18n.t('terminal.tryingNow')
              : i18n.t('terminal.nextTry', [nextTryInS])}
          </span>
        )}
      </div>
      {showsDetails && (
        <div class="details">
          <code>
            {fault.code}: {fault.detail}
          </code>
        </div>
      )}
    </div>
  );
}
