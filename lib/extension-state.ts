import { browser } from 'wxt/browser';
import type { ExtensionState } from '../protocol/contexts.ts';
import { firstState } from './last-known.ts';

const KEY = 'state';

/** The state that pages show. Before the background wrote one in this browser session, it is what was known last. */
export async function readState(): Promise<ExtensionState> {
  const { [KEY]: state } = await browser.storage.session.get(KEY);
  return (state as ExtensionState | undefined) ?? firstState();
}

/** Calls back with every state that the background writes. Returns the way to stop it. */
export function followState(onState: (state: ExtensionState) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    const state = area === 'session' ? changes[KEY]?.newValue : undefined;
    if (state) onState(state as ExtensionState);
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}

let writing: Promise<unknown> = Promise.resolve();

/** Changes the state, one change after the other. Only the background calls it. */
export function updateState(
  change: (state: ExtensionState) => ExtensionState | Promise<ExtensionState>,
): Promise<void> {
  const done = writing.then(async () => {
    await browser.storage.session.set({ [KEY]: await change(await readState()) });
  });
  writing = done.catch(() => undefined);
  return done;
}
