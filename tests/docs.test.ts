import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULTS } from '../components/fault-table.ts';
import { EXIT } from '../hub/exit-codes.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const read = (name: string) => readFileSync(join(docs, name), 'utf8');

it('every fault and exit status has its place under a symptom', () => {
  const page = read('troubleshooting.md');
  const codes = [...page.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
  expect(Object.keys(FAULTS).filter((code) => !codes.includes(code))).toEqual([]);
  const statuses = [...page.matchAll(/^\| (\d) /gm)].map(([, status]) => Number(status));
  expect(statuses).toEqual(Object.values(EXIT).filter((status) => status !== 0));
});

it('links lead to pages and headings that are there', () => {
  const broken: string[] = [];
  for (const name of globSync('*.md', { cwd: docs }))
    for (const [link, target = ''] of read(name).matchAll(/\]\(([^)]+)\)/g)) {
      if (target.startsWith('https:')) continue;
      const [file = '', anchor] = target.split('#');
      const path = join(docs, file === '' ? name : file);
      if (!existsSync(path)) broken.push(`${name}: ${link}`);
      else if (anchor && !anchors(path).includes(anchor)) broken.push(`${name}: ${link}`);
    }
  expect(broken).toEqual([]);
});

/** As forges make them from headings. */
function anchors(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}
