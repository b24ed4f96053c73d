import { useEffect, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { Icon } from '../../components/icon.tsx';
import type { LineRange } from '../../lib/terminal-address.ts';

interface SelectionBarProps {
  linkOf: (lines: LineRange) => string;
}

/** What can be done with selected lines. */
export function SelectionBar({ linkOf }: SelectionBarProps) {
  const [selected, setSelected] = useState<{ text: string; lines: LineRange; top: number }>();
  useEffect(() => {
    const look = () => setSelected(selectedLines());
    document.addEventListener('selectionchange', look);
    return () => document.removeEventListener('selectionchange', look);
  }, []);
  if (!selected) return null;
  const { text, lines, top } = selected;
  const numbered = () =>
    text
      .split('\n')
      .map((line, index) => `${lines.first + index}  ${line}`)
      .join('\n');
  const copy = (what: string) => void navigator.clipboard.writeText(what);
  return (
    <div
      class="select"
      role="toolbar"
      aria-label={i18n.t('history.selection')}
      style={{ top: `${top}px` }}
      onMouseDown={(event) => event.preventDefault()}
    >
      <button type="button" class="button small" onClick={() => copy(text)}>
        <Icon name="copy" isSmall />
        {i18n.t('copy.idle')}
      </button>
      <button type="button" class="button small" onClick={() => copy(numbered())}>
        {i18n.t('history.copyNumbered')}
      </button>
      <button type="button" class="button small" onClick={() => copy(linkOf(lines))}>
        {i18n.t('history.copyLink')}
      </button>
    </div>
  );
}

function selectedLines(): { text: string; lines: LineRange; top: number } | undefined {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return undefined;
  const range = selection.getRangeAt(0);
  const [first, last] = [lineOf(range.startContainer), lineOf(range.endContainer)];
  const text = selection.toString();
  if (first === undefined || last === undefined || text.trim() === '') return undefined;
  const { bottom } = range.getBoundingClientRect();
  const top = Math.min(Math.max(60, bottom + 6), innerHeight - 80);
  return { text, lines: { first, last }, top };
}

function lineOf(node: Node): number | undefined {
  const element = node instanceof Element ? node : node.parentElement;
  const number = element?.closest<HTMLElement>('[data-line]')?.dataset['line'];
  return number === undefined ? undefined : Number(number);
}
