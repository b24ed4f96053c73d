import { i18n } from '#i18n';
import { browser } from 'wxt/browser';
import { defineContentScript } from 'wxt/utils/define-content-script';
import { issueOf, type Issue, type IssueMessage } from '../../lib/issue-page.ts';

/**
 * A small button on an issue's page, in a shadow root that the page cannot look into. It tells the background which issue,
 * and learns nothing: what runs on which hub is none of the page's business.
 */
export default defineContentScript({
  registration: 'runtime',
  matches: [],
  main(context) {
    const host = makeHost(() => {
      // Read at the click: a page may have changed its address since.
      const issue = issueOf(location.href);
      if (issue) tell(issue);
    });
    const show = (address: string) => {
      const isIssue = issueOf(address) !== undefined;
      if (!isIssue) host.remove();
      else if (!host.isConnected) document.documentElement.append(host);
    };
    // Forges change pages without loading them. The event comes before `location` has the new address.
    context.addEventListener(window, 'wxt:locationchange', ({ newUrl }) => show(newUrl.href));
    context.onInvalidated(() => host.remove());
    show(location.href);
  },
});

function tell({ owner, repository, number }: Issue): void {
  const message: IssueMessage = { issue: { owner, repository, number } };
  void browser.runtime.sendMessage(message);
}

function makeHost(onPress: () => void): HTMLElement {
  const host = document.createElement('hubtab-agent');
  host.style.cssText =
    'all: initial; position: fixed; right: 16px; bottom: 16px; z-index: 2147483647; color-scheme: light dark;';
  const root = host.attachShadow({ mode: 'closed' });
  const style = document.createElement('style');
  style.textContent = STYLE;
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = i18n.t('issuePage.button');
  button.title = i18n.t('issuePage.hint');
  button.addEventListener('click', (event) => {
    // A page can make clicks of its own; only a person's are trusted.
    if (event.isTrusted) onPress();
  });
  root.append(style, button);
  return host;
}

/** Its colours stand here: the page must not reach them, and our style sheets are not in the page. */
const STYLE = `
button {
  min-height: 32px; padding: 0 12px; border: 1px solid light-dark(#7f8592, #747a8a); border-radius: 6px;
  background: light-dark(#ffffff, #1c1e23); color: light-dark(#15171c, #eceef2);
  font: 500 13px/1 system-ui, sans-serif; box-shadow: 0 2px 8px rgb(0 0 0 / 20%); cursor: default;
}
button:hover { background: light-dark(#eff0f3, #2a2d34); }
button:focus-visible { outline: 2px solid light-dark(#0a63e0, #79b4ff); outline-offset: 1px; }
`;
