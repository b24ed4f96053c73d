import { browser } from 'wxt/browser';
import type { BackgroundMessages, OffscreenMessages } from '../protocol/contexts.ts';

interface Contexts {
  background: BackgroundMessages;
  offscreen: OffscreenMessages;
}
type Context = keyof Contexts;
type Ask<C extends Context, K extends keyof Contexts[C]> = Contexts[C][K] extends { ask: infer A }
  ? A
  : never;
type Reply<C extends Context, K extends keyof Contexts[C]> = Contexts[C][K] extends {
  reply: infer R;
}
  ? R
  : never;

/** One handler for each message that a context answers; a missing one does not compile. */
export type Handlers<C extends Context> = {
  [K in keyof Contexts[C]]: (ask: Ask<C, K>) => Reply<C, K> | Promise<Reply<C, K>>;
};

interface Envelope {
  to: Context;
  kind: string;
  ask: unknown;
}
type Answer = { reply: unknown } | { thrown: string };

/**
 * Sends one message to a context and waits for its answer.
 * @throws Error when the context is gone, or when its handler threw
 */
export async function send<C extends Context, K extends keyof Contexts[C] & string>(
  to: C,
  kind: K,
  ask: Ask<C, K>,
): Promise<Reply<C, K>> {
  const envelope: Envelope = { to, kind, ask };
  const answer = (await browser.runtime.sendMessage(envelope)) as Answer | undefined;
  if (answer === undefined) throw new Error(`${to} does not answer ${kind}`);
  if ('thrown' in answer) throw new Error(`${to} ${kind}: ${answer.thrown}`);
  return answer.reply as Reply<C, K>;
}

/**
 * Whether a message comes from a page or a worker of the extension. A content script has the extension's id as well, but
 * stands in a page that may be hostile.
 */
export function isOurs(sender: { id?: string; url?: string }): boolean {
  const { id, getURL } = browser.runtime;
  return sender.id === id && sender.url !== undefined && sender.url.startsWith(getURL('/'));
}

/**
 * Answers the messages of one context. Call it synchronously at start: a listener that is added later misses the
 * message that woke the service worker. The listener returns `true` and replies later, because a returned promise is
 * ignored by Chromium without the polyfill and by the fake browser of the tests.
 */
export function serve<C extends Context>(context: C, handlers: Handlers<C>): void {
  browser.runtime.onMessage.addListener((message: unknown, sender, reply) => {
    const { to, kind, ask } = message as Partial<Envelope>;
    if (to !== context || !isOurs(sender)) return undefined;
    const handler = (handlers as Record<string, ((ask: unknown) => unknown) | undefined>)[
      kind ?? ''
    ];
    if (!handler) return undefined;
    const respond = reply as (answer: Answer) => void;
    Promise.resolve()
      .then(() => handler(ask))
      .then(
        (value) => respond({ reply: value ?? null }),
        (error: unknown) => respond({ thrown: String(error) }),
      );
    return true;
  });
}
