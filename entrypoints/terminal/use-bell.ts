import { useEffect, useRef, useState } from 'preact/hooks';

/** A bar that flashes oftener than this would only flicker; a flood of bells is one. */
const FLASH_MS = 1000;

interface BellUse {
  /** Rings: at most once a second, however often the program does. */
  ring: () => void;
  /** Counts rings; a new number starts a flash. */
  rings: number;
  /** Rang while nobody looked. */
  isUnseen: boolean;
}

/** Makes the bell visible: a flash of the bar, and a mark in the title until the page is looked at. */
export function useBell(): BellUse {
  const [rings, setRings] = useState(0);
  const [isUnseen, setUnseen] = useState(false);
  const lastMs = useRef(0);
  useEffect(() => {
    const onVisible = () => {
      if (document.visibilityState === 'visible') setUnseen(false);
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, []);
  return {
    rings,
    isUnseen,
    ring() {
      const nowMs = performance.now();
      if (nowMs - lastMs.current < FLASH_MS) return;
      lastMs.current = nowMs;
      setRings((count) => count + 1);
      if (document.visibilityState !== 'visible') setUnseen(true);
    },
  };
}
