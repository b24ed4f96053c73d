import { safePaste } from '../../components/terminal-keys.ts';

export interface Incoming {
  onText: (text: string) => void;
  onFiles: (files: File[]) => void;
  /** Whether files hang over the page. */
  onDrag: (isOver: boolean) => void;
}

/**
 * Takes pastes and drops before xterm.js and the browser do: xterm.js would pass an end-of-paste mark in the text on to
 * the program, the browser would leave the page for a dropped file. Middle clicks on Linux arrive as pastes too.
 */
export function takeIncoming(host: HTMLElement, { onText, onFiles, onDrag }: Incoming): () => void {
  const take = (data: DataTransfer | null) => {
    const files = [...(data?.files ?? [])];
    const text = safePaste(data?.getData('text/plain') ?? '');
    // What was copied in an office program is text with a picture of it: the text is meant.
    if (text !== '') onText(text);
    else if (files.length > 0) onFiles(files);
  };
  const stopped = new AbortController();
  const { signal } = stopped;
  const onPaste = (event: ClipboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    take(event.clipboardData);
  };
  host.addEventListener('paste', onPaste, { capture: true, signal });
  document.addEventListener(
    'dragover',
    (event) => {
      event.preventDefault();
      onDrag(event.dataTransfer?.types.includes('Files') ?? false);
    },
    { signal },
  );
  document.addEventListener(
    'dragleave',
    (event) => {
      if (event.relatedTarget === null) onDrag(false);
    },
    { signal },
  );
  document.addEventListener(
    'drop',
    (event) => {
      event.preventDefault();
      onDrag(false);
      take(event.dataTransfer);
    },
    { signal },
  );
  return () => stopped.abort();
}
