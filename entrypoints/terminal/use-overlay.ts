import { useState } from 'preact/hooks';

/** What lies over the screen because a person asked for it; one at a time, and it has the keys. */
export type Overlay =
  | { kind: 'none' }
  | { kind: 'palette' }
  | { kind: 'find' }
  | { kind: 'paste'; text: string }
  | { kind: 'download'; path: string };

export interface OverlayUse {
  overlay: Overlay;
  show: (overlay: Exclude<Overlay, { kind: 'none' }>) => void;
  /** Goes away and gives the keys back to the screen. */
  close: () => void;
}

export function useOverlay(focusScreen: () => void): OverlayUse {
  const [overlay, setOverlay] = useState<Overlay>({ kind: 'none' });
  return {
    overlay,
    show: setOverlay,
    close() {
      setOverlay({ kind: 'none' });
      focusScreen();
    },
  };
}
