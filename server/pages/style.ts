import { readFileSync } from 'node:fs';

/**
 * The pages' one style sheet. What they share with the pages of the extension is linked into this folder; a bundle of the server has the
 * files beside itself.
 */
export const STYLE = ['tokens.css', 'primitives.css', 'pages.css']
  .map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'))
  .join('');
