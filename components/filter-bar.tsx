import type { Ref } from 'preact';
import { i18n } from '#i18n';
import { Icon } from './icon.tsx';
import { IconButton } from './icon-button.tsx';

interface FilterBarProps {
  inputRef: Ref<HTMLInputElement>;
  query: string;
  /** Ids of the listboxes and of the active row. */
  controls: string;
  activeId: string | undefined;
  onQuery: (query: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onNewAgent: () => void;
  onAddHub: () => void;
  onOptions: () => void;
}

/** The filter, which has the focus and all keys, and the two ways out of the popup. */
export function FilterBar(props: FilterBarProps) {
  const { inputRef, query, controls, activeId, onQuery, onKeyDown } = props;
  const { onNewAgent, onAddHub, onOptions } = props;
  return (
    <header class="find">
      <Icon name="search" />
      <input
        ref={inputRef}
        type="text"
        role="combobox"
        aria-label={i18n.t('popup.filter')}
        aria-expanded={activeId !== undefined}
        aria-controls={controls}
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        placeholder={i18n.t('popup.filter')}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {query === '' ? (
        <>
          <IconButton icon="bot" label={i18n.t('popup.newAgent')} onClick={onNewAgent} />
          <IconButton icon="plus" label={i18n.t('popup.addHub')} onClick={onAddHub} />
          <IconButton icon="settings" label={i18n.t('popup.options')} onClick={onOptions} />
        </>
      ) : (
        <IconButton icon="x" label={i18n.t('popup.clear')} onClick={() => onQuery('')} />
      )}
    </header>
  );
}
