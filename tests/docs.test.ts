import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FAULTS } from '../components/fault-table.ts';
import { EXIT } from '../hub/exit-codes.ts';
import { HELP_SECTIONS } from '../protocol/help.ts';
import { anchorOf } from '../server/pages/troubleshooting.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const read = (name: string) => readFileSync(join(docs, name), 'utf8');

it('every fault stands under the heading that it leads to, and under no other', () => {
  const [, ...parts] = read('troubleshooting.md').split(/^## /m);
  const listed = parts.flatMap((part) => {
    const [heading = '', , ...lines] = part.split('\n');
    const list = lines.slice(0, lines.indexOf('')).join(' ');
    // A paragraph of nothing but codes.
    if (!/^(`[a-z-]+` ?)+$/.test(list)) return [];
    return [...list.matchAll(/`([a-z-]+)`/g)].map(([, code]) => `${code}: ${anchorOf(heading)}`);
  });
  const mapped = Object.entries(HELP_SECTIONS).map(([code, section]) => `${code}: ${section}`);
  expect(listed.toSorted()).toEqual(mapped.toSorted());
  expect(Object.keys(HELP_SECTIONS).toSorted()).toEqual(Object.keys(FAULTS).toSorted());
});

it('every exit status has its line', () => {
  const page = read('troubleshooting.md');
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

function anchors(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) => anchorOf(heading));
}
