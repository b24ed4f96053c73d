import { browser } from 'wxt/browser';

/** Whether an extension chooses if its notifications make a sound. Firefox leaves that to the system. */
export const CAN_BE_SILENT = !import.meta.env.FIREFOX;

/** Whether the system or the browser keeps this extension's notifications from being seen. Firefox does not tell. */
export async function areNoticesBlocked(): Promise<boolean> {
  if (import.meta.env.FIREFOX) return false;
  return (await browser.notifications.getPermissionLevel()) === 'denied';
}
