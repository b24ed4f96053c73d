import { browser } from 'wxt/browser';

/** The extension's button in the toolbar. In Firefox's Manifest V2 it has another name, and the same functions. */
export function toolbarButton(): typeof browser.action {
  return import.meta.env.FIREFOX
    ? (browser.browserAction as typeof browser.action)
    : browser.action;
}
