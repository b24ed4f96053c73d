import { readFileSync } from 'node:fs';
import { Marked } from 'marked';

/** Linked into this folder from `docs/`; a bundle of the server has it beside itself. */
const TEXT = readFileSync(new URL('troubleshooting.md', import.meta.url), 'utf8');

const marked = new Marked({
  renderer: {
    heading({ tokens, depth, text }) {
      const words = this.parser.parseInline(tokens);
      return `<h${depth} id="${anchorOf(text)}">${words}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const words = this.parser.parseInline(tokens);
      // The other pages of docs/ are not where this one is shown.
      return href.startsWith('https:') ? `<a href="${href}">${words}</a>` : words;
    },
  },
});

/** As forges make it from a heading, so that `docs/` and its copies have the same. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}

/** `docs/troubleshooting.md` as HTML, for the server's page and for the extension's. */
export function troubleshootingHtml(): string {
  return marked.parse(TEXT, { async: false });
}
