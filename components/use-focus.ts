import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Focuses an element when it comes into the page: `autofocus` works only for the first one that a page ever shows. */
export function useFocus<T extends HTMLElement>(): RefObject<T> {
  const element = useRef<T>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
