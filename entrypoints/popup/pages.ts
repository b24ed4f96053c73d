import { browser } from 'wxt/browser';

/** Opens the options page, at one of its sections if named, and closes the popup. */
export function openOptions(section?: 'account' | 'hubs' | 'add-hub'): void {
  void openPage(section).finally(() => window.close());
}

async function openPage(section: string | undefined): Promise<void> {
  if (section === undefined) await browser.runtime.openOptionsPage();
  else await browser.tabs.create({ url: browser.runtime.getURL(`/options.html#${section}`) });
}
