/** What a tmux server says to a control-mode client (tmux(1), CONTROL MODE). */
export type ControlEvent =
  /** The answer to a command: all that stood between `%begin` and `%end` or `%error`. */
  | { kind: 'reply'; isOk: boolean; isOurs: boolean; body: Uint8Array }
  /** Something happened. What else stands there was chosen on the hub: a notice is a hint to look, never data. */
  | {
      kind: 'notice';
      name: string;
      /** Of `subscription-changed`: which one. */ subscription?: string;
    }
  /** The other side does not speak the protocol, or says more than anybody could mean. */
  | { kind: 'broken'; why: string };

/** Longest line: a subscription names every pane, about 40 bytes each, and tmux stands some thousands at most. */
const MAX_LINE_BYTES = 256 * 1024;
/** Longest answer; a list of a thousand sessions is a quarter of it. */
const MAX_REPLY_BYTES = 1024 * 1024;

const NEW_LINE = 10;
const PERCENT = 37;

/**
 * Reads control mode from bytes that were cut anywhere. A reply ends only with the numbers it began with, so that a line
 * of it that looks like an end is text.
 */
export class ControlReader {
  #line: Uint8Array[] = [];
  #lineBytes = 0;
  #reply: { guard: string; isOurs: boolean; parts: Uint8Array[]; bytes: number } | undefined;
  #isBroken = false;

  /** Takes what came and returns what it completes. After `broken` nothing comes any more. */
  push(bytes: Uint8Array): ControlEvent[] {
    const events: ControlEvent[] = [];
    let start = 0;
    while (!this.#isBroken && start < bytes.length) {
      const end = bytes.indexOf(NEW_LINE, start);
      const part = bytes.subarray(start, end < 0 ? bytes.length : end + 1);
      start += part.length;
      this.#line.push(part.slice());
      this.#lineBytes += part.length;
      const event =
        this.#lineBytes > MAX_LINE_BYTES ? this.#break('a line without end') : undefined;
      const completed = event ?? (end < 0 ? undefined : this.#take(this.#wholeLine()));
      if (completed) events.push(completed);
    }
    return events;
  }

  #wholeLine(): Uint8Array {
    const line = joined(this.#line, this.#lineBytes);
    this.#line = [];
    this.#lineBytes = 0;
    return line;
  }

  #take(line: Uint8Array): ControlEvent | undefined {
    const isSigned = line[0] === PERCENT;
    const [word = '', guard = ''] = isSigned ? signed(line) : [];
    if (this.#reply === undefined) {
      if (word === 'begin') {
        this.#reply = { guard, isOurs: guard.endsWith(' 1'), parts: [], bytes: 0 };
        return undefined;
      }
      // Text outside of a reply is what an option of several lines left of a notice.
      return notice(word, guard);
    }
    const { parts, bytes, isOurs } = this.#reply;
    if ((word === 'end' || word === 'error') && guard === this.#reply.guard) {
      this.#reply = undefined;
      return { kind: 'reply', isOk: word === 'end', isOurs, body: joined(parts, bytes) };
    }
    parts.push(line);
    this.#reply.bytes += line.length;
    return this.#reply.bytes > MAX_REPLY_BYTES ? this.#break('an answer without end') : undefined;
  }

  #break(why: string): ControlEvent {
    this.#isBroken = true;
    this.#line = [];
    this.#reply = undefined;
    return { kind: 'broken', why };
  }
}

function notice(name: string, rest: string): ControlEvent | undefined {
  if (!/^[a-z-]{1,40}$/.test(name)) return undefined;
  const subscription = /^[a-z]{1,20}(?= )/.exec(rest)?.[0];
  if (name !== 'subscription-changed' || !subscription) return { kind: 'notice', name };
  return { kind: 'notice', name, subscription };
}

/** A line that begins with %: its first word, and the rest of it as far as a guard goes. */
function signed(line: Uint8Array): [word: string, rest: string] {
  const text = new TextDecoder().decode(line.subarray(1, 80)).trimEnd();
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1)];
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
