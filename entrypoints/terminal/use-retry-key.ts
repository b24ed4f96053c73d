import { useEffect } from 'preact/hooks';

/** Enter tries again while there is nobody to type to. A focused button keeps its Enter. */
export function useRetryKey(isOn: boolean, retry: () => void): void {
  useEffect(() => {
    if (!isOn) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
      if (event.key !== 'Enter' || !isPlain || event.target instanceof HTMLButtonElement) return;
      if (event.target instanceof HTMLElement && event.target.closest('summary')) return;
      event.preventDefault();
      event.stopPropagation();
      retry();
    };
    document.addEventListener('keydown', onKeyDown, true);
    return () => document.removeEventListener('keydown', onKeyDown, true);
  }, [isOn, retry]);
}
