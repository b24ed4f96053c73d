import type { RefObject } from 'preact';
import { i18n } from '#i18n';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';
import type { SessionLabel, ShownState } from './session-view.ts';
import { StateIcon } from './state-icon.tsx';

interface HistoryBarProps {
  state: ShownState;
  label: SessionLabel;
  hubName: string;
  inputRef: RefObject<HTMLInputElement>;
  query: string;
  /** "9 of 11"; empty without a query. */
  found: string;
  onlyMatching: boolean;
  onQuery: (query: string) => void;
  onStep: (by: 1 | -1) => void;
  onOnlyMatching: (isOn: boolean) => void;
  onRefresh: () => void;
  onTerminal: () => void;
}

/** Whose history it is, and the way through it. */
export function HistoryBar(props: HistoryBarProps) {
  const { state, label, hubName, inputRef, query, found, onlyMatching } = props;
  return (
    <header class="bar">
      <StateIcon state={state} />
      <h1 class="who cut">
        {label.name} {label.issue !== '' && <i>{label.issue}</i>}
      </h1>
      <span class="muted cut hub">{hubName}</span>
      <span class="grow" />
      <div class="find" role="search">
        <Icon name="search" isSmall />
        <input
          ref={inputRef}
          type="text"
          aria-label={i18n.t('history.find')}
          placeholder={i18n.t('history.find')}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => props.onQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') props.onStep(event.shiftKey ? 1 : -1);
            else if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
        <span class="num" role="status">
          {found}
        </span>
        <IconButton
          icon="chevron-up"
          label={i18n.t('find.previous')}
          onClick={() => props.onStep(-1)}
        />
        <IconButton
          icon="chevron-down"
          label={i18n.t('find.next')}
          onClick={() => props.onStep(1)}
        />
      </div>
      <button
        type="button"
        class="button small only"
        aria-pressed={onlyMatching}
        onClick={() => props.onOnlyMatching(!onlyMatching)}
      >
        {i18n.t('history.onlyMatching')}
      </button>
      <span class="grow" />
      <button type="button" class="button small" onClick={props.onRefresh}>
        <Icon name="refresh-cw" isSmall />
        {i18n.t('history.refresh')}
      </button>
      <button type="button" class="button small" onClick={props.onTerminal}>
        <Icon name="terminal" isSmall />
        {i18n.t('history.openTerminal')}
      </button>
    </header>
  );
}
