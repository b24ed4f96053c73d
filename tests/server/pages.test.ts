import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TOKENS } from '../../server/pages/tokens.ts';

it('the pages have the tokens of the extension', () => {
  const file = join(import.meta.dirname, '..', '..', 'components', 'tokens.css');
  expect(TOKENS).toBe(readFileSync(file, 'utf8'));
});
