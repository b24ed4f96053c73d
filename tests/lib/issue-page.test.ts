import { expect, test } from 'vitest';
import { issueFrom, issueOf, newAgentAddress, parseNewAgentAddress } from '../../lib/issue-page.ts';

const ISSUE = { owner: 'acme', repository: 'payments-api', number: 412 };

test.each([
  'https://github.com/acme/payments-api/issues/412',
  'https://github.com/acme/payments-api/issues/412/?x=1#comment',
  'https://gitlab.com/acme/payments-api/-/issues/412',
  'https://gitlab.com/acme/payments-api/-/work_items/412',
])('%s shows an issue', (address) => {
  expect(issueOf(address)).toEqual(ISSUE);
});

test.each([
  'https://github.com/acme/payments-api',
  'https://github.com/acme/payments-api/issues',
  'https://github.com/acme/payments-api/issues/new',
  'https://github.com/acme/payments-api/issues/0',
  'https://github.com/acme/payments-api/issues/12345678901',
  'https://github.com/acme/payments-api/pull/412',
  'https://github.com/..%2f..%2fx/y/issues/1',
  'https://github.com/-x/y/issues/1',
  'https://gitlab.com/group/sub/name/-/issues/1',
  'javascript:alert(1)',
  'nonsense',
])('%s shows none', (address) => {
  expect(issueOf(address)).toBe(undefined);
});

test.each([
  null,
  'acme/payments-api#412',
  { owner: 'acme' },
  { ...ISSUE, number: '412' },
  { ...ISSUE, number: Number.NaN },
  { ...ISSUE, number: 1.5 },
  { ...ISSUE, owner: '$(id)' },
  { ...ISSUE, repository: '../x' },
  { ...ISSUE, owner: ['acme'] },
])('%j names no issue', (message) => {
  expect(issueFrom(message)).toBe(undefined);
});

test('what else stands in a message is left there', () => {
  expect(issueFrom({ ...ISSUE, kind: 'start-agent', hubId: 'x' })).toEqual(ISSUE);
});

test('the address of our own page says the issue, and takes no more than that', () => {
  expect(parseNewAgentAddress(newAgentAddress(ISSUE).split('#')[1] ?? '')).toEqual(ISSUE);
  for (const hash of ['', '#', '#acme', '#acme/api', '#acme/api/x', '#acme/api/1/2', '#a b/c/1'])
    expect(parseNewAgentAddress(hash)).toBe(undefined);
});
