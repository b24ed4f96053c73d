import type { BackgroundMessages, Result } from '../protocol/contexts.ts';
import { send } from './messaging.ts';

/** The messages that answer with a Result. */
type Asking = {
  [K in keyof BackgroundMessages]: BackgroundMessages[K]['reply'] extends Result<unknown>
    ? K
    : never;
}[keyof BackgroundMessages];

/** Asks the background on behalf of a person: a background that does not answer becomes a fault with words too. */
export async function ask<K extends Asking>(
  kind: K,
  question: BackgroundMessages[K]['ask'],
): Promise<BackgroundMessages[K]['reply']> {
  try {
    return (await send('background', kind, question as never)) as BackgroundMessages[K]['reply'];
  } catch (error) {
    const fault = {
      ok: false as const,
      error: { code: 'internal' as const, detail: String(error) },
    };
    return fault as BackgroundMessages[K]['reply'];
  }
}
