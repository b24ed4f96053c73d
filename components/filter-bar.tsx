import type { Ref } from 'preact';
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
  onAddHub: () => void;
  onOptions: () => void;
}

/** The filter, which has the focus and all keys, and the two ways out of the popup. */
export function FilterBar(props: FilterBarProps) {
  const { inputRef, query, controls, activeId, onQuery, onKeyDown, onAddHub, onOptions } = props;
  return (
    <header class="find">
      <Icon name="search" />
      <input
        ref={inputRef}
        type="text"
        role="combobox"
        aria-label="Filter sessions"
        aria-expanded={activeId !== undefined}
        aria-controls={controls}
        aria-activedescendant={activeId}
        aria-autocomplete="list"
        placeholder="Filter sessions"
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {query === '' ? (
        <>
          <IconButton icon="plus" label="Add a hub" onClick={onAddHub} />
          <IconButton icon="settings" label="Options" onClick={onOptions} />
        </>
      ) : (
        <IconButton icon="x" label="Clear" onClick={() => onQuery('')} />
      )}
    </header>
  );
}
