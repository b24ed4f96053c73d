import { expect, test } from 'vitest';
import { parseServerAddress } from '../../components/server-address.ts';

test.each([
  ['hubtab.example.test', 'https://hubtab.example.test', 'https://hubtab.example.test/*'],
  ['  Hubtab.Example.test/  ', 'https://hubtab.example.test', 'https://hubtab.example.test/*'],
  [
    'https://hubtab.example.test:8443/x',
    'https://hubtab.example.test:8443',
    'https://hubtab.example.test/*',
  ],
  ['127.0.0.1:8080', 'http://127.0.0.1:8080', 'http://127.0.0.1/*'],
  ['localhost:8080', 'http://localhost:8080', 'http://localhost/*'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080', 'http://127.0.0.1/*'],
])('%s is a server at %s', (typed, origin, permission) => {
  const address = parseServerAddress(typed);
  expect([address?.origin, address?.permission]).toEqual([origin, permission]);
});

test.each([
  '',
  'two words',
  'http://hubtab.example.test',
  'ftp://hubtab.example.test',
  'javascript:alert(1)',
  'https://me:secret@hubtab.example.test',
  'https://',
])('“%s” is refused', (typed) => {
  expect(parseServerAddress(typed)).toBeNull();
});
