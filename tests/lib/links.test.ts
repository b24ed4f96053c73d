import { expect, test } from 'vitest';
import { checkLink, findLinks, issueUrl } from '../../lib/links.ts';

/** The links of a text, as the text has them. */
const linksOf = (text: string) =>
  findLinks(text).map((link) => [link.kind, text.slice(link.start, link.end)]);

test.each([
  ['see https://example.com/a?b=c#d.', [['url', 'https://example.com/a?b=c#d']]],
  ['(https://en.wikipedia.org/wiki/Tmux_(x))', [['url', 'https://en.wikipedia.org/wiki/Tmux_(x)']]],
  ['"http://a.example/x", then', [['url', 'http://a.example/x']]],
  [
    'at src/a/b.ts:12:3 and ./c.py:4',
    [
      ['file', 'src/a/b.ts:12:3'],
      ['file', './c.py:4'],
    ],
  ],
  ['wrote ~/.cache/x/notes.md', [['file', '~/.cache/x/notes.md']]],
  ['main.go:7: broken', [['file', 'main.go:7']]],
  ['fixes #412, not a#5 or &#39; or #x', [['issue', '#412']]],
  ['example.com and e.g. 1.5 or v1.2.3', []],
  ['javascript:alert(1) data:text/html,x', []],
  ['https://a.example/b.ts:12', [['url', 'https://a.example/b.ts:12']]],
] as const)('in %j', (text, links) => {
  expect(linksOf(text)).toEqual(links);
});

test('a file says its line', () => {
  expect(findLinks('src/a.ts:12:3')[0]).toMatchObject({ path: 'src/a.ts', line: 12 });
});

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'vbscript:x',
  'chrome://settings',
  'not an address',
])('%s is not opened', (address) => {
  expect(checkLink(address)).toMatchObject({ ok: false, why: 'not-web' });
});

test.each([
  ['https://github.com@evil.example/', '', 'hides-host'],
  ['https://gıthub.com/', '', 'look-alike'],
  ['https://аpple.com/', '', 'look-alike'],
  ['https://xn--pple-43d.com/', '', 'look-alike'],
  ['https://evil.example/', 'https://github.com/acme', 'says-another'],
  ['https://evil.example/', 'github.com/acme', 'says-another'],
  ['http://localhost:4010/', '', 'hub-itself'],
  ['http://127.0.0.1/', '', 'hub-itself'],
  ['http://[::1]:8080/', '', 'hub-itself'],
])('%s shown as "%s" is refused', (address, shown, why) => {
  expect(checkLink(address, shown)).toMatchObject({ ok: false, why });
});

test('an honest address is opened, also behind words', () => {
  expect(checkLink('https://github.com/a', 'the pull request')).toMatchObject({ ok: true });
  expect(checkLink('https://github.com/a', 'https://github.com/a')).toMatchObject({ ok: true });
  expect(checkLink('https://github.com/a', 'github.com/a')).toMatchObject({ ok: true });
});

test('an issue number needs a repository that is one', () => {
  expect(issueUrl('acme/payments-api', '412')).toBe(
    'https://github.com/acme/payments-api/issues/412',
  );
  expect(issueUrl('../x', '1')).toBeUndefined();
  expect(issueUrl('acme/x/../..', '1')).toBeUndefined();
  expect(issueUrl('', '1')).toBeUndefined();
});
