/** Most text a program may put on the clipboard, UTF-8 bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads the data of an OSC 52 sequence, `Pc;Pd`. tmux leaves the selection `Pc` empty; its primary selection and
 * clipboard are one here. A query (`?`) is nothing: a program on a hub never learns what the clipboard holds.
 * @returns the text to copy; undefined when there is none, or when it is no UTF-8, or too long
 */
export function textToCopy(data: string): string | undefined {
  const [, selection, encoded] = /^([cpqs0-7]*);(.*)$/s.exec(data) ?? [];
  if (selection === undefined || encoded === undefined || encoded === '?') return undefined;
  if (encoded.length > (MAX_BYTES * 4) / 3 + 4) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}
