/** What tmux up to 3.3 writes around a redraw: iTerm2's device control strings, which xterm.js does not know. */
const OLD = [bytesOf('\u001bP=1s\u001b\\'), bytesOf('\u001bP=2s\u001b\\')] as const;
/** The same as DEC mode 2026, which it does. */
const NEW = [bytesOf('\u001b[?2026h'), bytesOf('\u001b[?2026l')] as const;
const LENGTH = OLD[0].length;
const ESCAPE = 0x1b;

/**
 * Rewrites the marks of synchronised redraws of old tmux versions in a stream of bytes, wherever it is cut. An escape
 * sequence that has begun may be held back until the next call: at most six bytes, of which nothing could be seen yet.
 */
export class SyncOutput {
  #held: Uint8Array = new Uint8Array();

  /** The bytes as the emulator shall have them; the argument itself when there is nothing to rewrite. */
  take(bytes: Uint8Array): Uint8Array {
    const input = this.#held.length === 0 ? bytes : joined([this.#held, bytes]);
    this.#held = new Uint8Array();
    const parts: Uint8Array[] = [];
    let from = 0;
    for (let at = input.indexOf(ESCAPE); at >= 0; at = input.indexOf(ESCAPE, at + 1)) {
      const which = OLD.findIndex((mark) => startsWith(input, at, mark));
      if (which < 0) continue;
      parts.push(input.subarray(from, at));
      if (input.length - at < LENGTH) {
        this.#held = input.slice(at);
        return joined(parts);
      }
      parts.push(NEW[which] ?? NEW[0]);
      from = at + LENGTH;
      at = from - 1;
    }
    if (from === 0) return input;
    parts.push(input.subarray(from));
    return joined(parts);
  }

  /** A new stream begins: what was held back belongs to the old one. */
  reset(): void {
    this.#held = new Uint8Array();
  }
}

/** Whether `input` has `mark` at `at`, or ends within it. */
function startsWith(input: Uint8Array, at: number, mark: Uint8Array): boolean {
  const length = Math.min(mark.length, input.length - at);
  for (let i = 0; i < length; i += 1) if (input[at + i] !== mark[i]) return false;
  return true;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
