import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { Icon } from './icon.tsx';
import type { PaletteItem } from './palette-items.ts';
import { StateIcon } from './state-icon.tsx';
import { ageText } from './times.ts';
import { useFocus } from './use-focus.ts';

interface PaletteProps {
  itemsFor: (query: string) => PaletteItem[];
  nowMs: number;
  onPick: (item: PaletteItem) => void;
  onClose: () => void;
}

/** Goes to any session of any hub, or does what else a terminal page can. The input keeps the focus and all keys. */
export function Palette({ itemsFor, nowMs, onPick, onClose }: PaletteProps) {
  const id = useId();
  const input = useFocus<HTMLInputElement>();
  const list = useRef<HTMLUListElement>(null);
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const items = itemsFor(query);
  const index = Math.min(active, Math.max(0, items.length - 1));
  const item = items[index];
  useEffect(() => {
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' });
  }, [index, query]);

  const onKeyDown = (event: KeyboardEvent) => {
    const to = targetIndex(event.key, index, items.length);
    if (event.key === 'Escape') onClose();
    else if (event.key === 'Enter' && item && !event.isComposing) onPick(item);
    else if (to !== undefined) setActive(to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="palette" role="dialog" aria-label={i18n.t('command.palette')}>
      <div class="find">
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-label={i18n.t('command.palette')}
          aria-expanded={items.length > 0}
          aria-controls={id}
          aria-activedescendant={item ? `${id}-${index}` : undefined}
          aria-autocomplete="list"
          placeholder={i18n.t('command.palette')}
          autocomplete="off"
          spellcheck={false}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          onBlur={onClose}
        />
      </div>
      <ul role="listbox" id={id} ref={list} aria-label={i18n.t('palette.list')}>
        {items.map((one, at) => (
          <li
            key={one.key}
            role="option"
            id={`${id}-${at}`}
            aria-selected={at === index}
            class={at === index ? 'on' : ''}
            data-item={one.key}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onPick(one)}
          >
            <Item item={one} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {items.length === 0 && <p class="none muted">{i18n.t('palette.none', { query })}</p>}
    </div>
  );
}

function Item({ item, nowMs }: { item: PaletteItem; nowMs: number }) {
  if (item.kind === 'command')
    return (
      <>
        <Icon name="corner-down-left" isSmall />
        <span class="cut">{item.label}</span>
        {item.keys !== '' && <kbd>{item.keys}</kbd>}
      </>
    );
  const { row } = item;
  const isWaiting = row.state === 'waiting';
  return (
    <>
      <StateIcon state={row.state} />
      <span class="cut">
        {row.label.name} <span class="muted">{row.label.issue}</span>
      </span>
      <span class="muted cut num">
        {isWaiting ? `${row.hubName} · ${ageText(row.sinceMs, nowMs)}` : row.hubName}
      </span>
    </>
  );
}

function targetIndex(key: string, index: number, count: number): number | undefined {
  const last = Math.max(0, count - 1);
  switch (key) {
    case 'ArrowDown':
      return index === last ? 0 : index + 1;
    case 'ArrowUp':
      return index === 0 ? last : index - 1;
    case 'PageDown':
      return Math.min(last, index + 8);
    case 'PageUp':
      return Math.max(0, index - 8);
    default:
      return undefined;
  }
}
