import { useEffect, useState } from 'preact/hooks';
import type { ExtensionState } from '../protocol/contexts.ts';
import { followState, readState } from './extension-state.ts';

/** The extension's state, kept up to date; undefined until it was read for the first time. */
export function useExtensionState(): ExtensionState | undefined {
  const [state, setState] = useState<ExtensionState>();
  useEffect(() => {
    let isNewer = false;
    const stop = followState((next) => {
      isNewer = true;
      setState(next);
    });
    // What was followed meanwhile is newer than what was read.
    void readState().then((read) => {
      if (!isNewer) setState(read);
    });
    return stop;
  }, []);
  return state;
}
