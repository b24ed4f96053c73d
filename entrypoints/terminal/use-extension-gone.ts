import { useEffect, useState } from 'preact/hooks';
import { browser } from 'wxt/browser';

/** How soon a page notices that its extension was turned off; there is no event for it. */
const LOOK_MS = 2000;

/** True once the extension behind this page is gone: turned off, removed or replaced by an update. */
export function useExtensionGone(): boolean {
  const [isGone, setGone] = useState(false);
  useEffect(() => {
    const look = () => {
      // The typings promise an id; a page that outlived its extension has neither it nor, at times, `runtime`.
      const runtime = browser.runtime as { id?: string } | undefined;
      if (runtime?.id === undefined) setGone(true);
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return isGone;
}
