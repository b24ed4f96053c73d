import { i18n } from '#i18n';
import type { LinkCheck, LinkRefusal, LinkTarget } from '../lib/links.ts';
import { plainText } from './plain-text.ts';

/** Why an address is not opened, in words. */
export function refusalText(why: LinkRefusal, hubName: string): string {
  switch (why) {
    case 'not-web':
      return i18n.t('link.notWeb');
    case 'hides-host':
      return i18n.t('link.hidesHost');
    case 'look-alike':
      return i18n.t('link.lookAlike');
    case 'says-another':
      return i18n.t('link.saysAnother');
    case 'hub-itself':
      return i18n.t('link.hubItself', { hub: hubName || i18n.t('someone.hub') });
  }
}

/** What stands in the corner while the pointer is on a link: always where it really leads. */
export function linkTip(
  target: LinkTarget,
  check: LinkCheck | undefined,
  issueAddress: string | undefined,
  isMac: boolean,
): { text: string; isRefused: boolean } {
  const click = i18n.t(isMac ? 'link.macClick' : 'link.click');
  switch (target.kind) {
    case 'url': {
      const text = plainText(check?.ok ? check.url : (check?.shown ?? target.url), 160);
      const isRefused = check?.ok === false;
      return { text: isRefused ? text : i18n.t('link.opens', { target: text, click }), isRefused };
    }
    case 'file':
      return {
        text: i18n.t('link.downloads', { target: plainText(target.path, 160), click }),
        isRefused: false,
      };
    case 'issue':
      if (issueAddress === undefined) return { text: '', isRefused: false };
      return { text: i18n.t('link.opens', { target: issueAddress, click }), isRefused: false };
  }
}
