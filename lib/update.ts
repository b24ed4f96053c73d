import { browser } from 'wxt/browser';

const KEY = 'update';

/** Version of Hubtab that the browser holds ready, and installs when we say so; undefined if there is none. */
export async function readUpdate(): Promise<string | undefined> {
  return (await browser.storage.session.get(KEY))[KEY] as string | undefined;
}

/** Only the background calls it. The store forgets it with the browser session, as the browser does. */
export async function storeUpdate(version: string): Promise<void> {
  await browser.storage.session.set({ [KEY]: version });
}

/** Calls back when an update becomes ready. Returns the way to stop it. */
export function followUpdate(onUpdate: (version: string | undefined) => void): () => void {
  const listener = (changes: Record<string, { newValue?: unknown }>, area: string) => {
    if (area === 'session' && KEY in changes)
      onUpdate(changes[KEY]?.newValue as string | undefined);
  };
  browser.storage.onChanged.addListener(listener);
  return () => browser.storage.onChanged.removeListener(listener);
}
