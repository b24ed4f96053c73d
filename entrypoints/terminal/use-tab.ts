import { useEffect } from 'preact/hooks';

/** Title and icon of the page's tab. */
export function useTab(title: string, icon: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link) link.href = icon;
  }, [icon]);
}
