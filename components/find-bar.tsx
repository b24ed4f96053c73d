import { useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';
import { numberText } from './times.ts';
import { useFocus } from './use-focus.ts';

interface FindBarProps {
  /** Of the last search; -1 is none of them. */
  matches: { index: number; count: number };
  onFind: (query: string, direction: 'next' | 'previous') => void;
  /** Looks through all that scrolled off, too. */
  onHistory: (query: string) => void;
  onClose: () => void;
}

/** Finds text on the screen. What scrolled off it is in the history, one button away. */
export function FindBar({ matches, onFind, onHistory, onClose }: FindBarProps) {
  const [query, setQuery] = useState('');
  const input = useFocus<HTMLInputElement>();
  return (
    <div class="find-bar" role="search">
      <Icon name="search" isSmall />
      <input
        ref={input}
        type="text"
        aria-label={i18n.t('command.find')}
        placeholder={i18n.t('command.find')}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          onFind(event.currentTarget.value, 'next');
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          else if (event.key === 'Enter') onFind(query, event.shiftKey ? 'previous' : 'next');
          else return;
          event.preventDefault();
        }}
      />
      <span class="num muted" role="status">
        {query !== '' && matchText(matches)}
      </span>
      <IconButton
        icon="chevron-up"
        label={i18n.t('find.previous')}
        onClick={() => onFind(query, 'previous')}
      />
      <IconButton
        icon="chevron-down"
        label={i18n.t('find.next')}
        onClick={() => onFind(query, 'next')}
      />
      <button type="button" class="button small plain" onClick={() => onHistory(query)}>
        {i18n.t('find.inHistory')}
      </button>
      <IconButton icon="x" label={i18n.t('button.close')} onClick={onClose} />
    </div>
  );
}

function matchText({ index, count }: { index: number; count: number }): string {
  if (count === 0) return i18n.t('find.none');
  return index < 0
    ? numberText(count)
    : i18n.t('popup.someOf', { some: numberText(index + 1), all: numberText(count) });
}
