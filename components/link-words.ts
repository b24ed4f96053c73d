import type { LinkCheck, LinkRefusal, LinkTarget } from '../lib/links.ts';
import { plainText } from './plain-text.ts';

/** Why an address is not opened, in words. */
export function refusalText(why: LinkRefusal, hubName: string): string {
  switch (why) {
    case 'not-web':
      return 'Not opened: only web addresses are.';
    case 'hides-host':
      return 'Not opened: a name before the @ hides where it leads.';
    case 'look-alike':
      return 'Not opened: its host has letters that look like others.';
    case 'says-another':
      return 'Not opened: it leads elsewhere than it says.';
    case 'hub-itself':
      return `Not opened: this is an address of ${hubName || 'the hub'} itself, which the browser does not reach.`;
  }
}

/** What stands in the corner while the pointer is on a link: always where it really leads. */
export function linkTip(
  target: LinkTarget,
  check: LinkCheck | undefined,
  issueAddress: string | undefined,
  isMac: boolean,
): { text: string; isRefused: boolean } {
  const click = isMac ? '⌘ click' : 'Ctrl click';
  switch (target.kind) {
    case 'url': {
      const text = plainText(check?.ok ? check.url : (check?.shown ?? target.url), 160);
      const isRefused = check?.ok === false;
      return { text: isRefused ? text : `${text} · ${click} opens`, isRefused };
    }
    case 'file':
      return { text: `${plainText(target.path, 160)} · ${click} downloads`, isRefused: false };
    case 'issue':
      if (issueAddress === undefined) return { text: '', isRefused: false };
      return { text: `${issueAddress} · ${click} opens`, isRefused: false };
  }
}
