import { expect, it } from 'vitest';
import type { HeadscaleNode } from '../../server/headscale/schemas.ts';
import { supersededNodes } from '../../server/units/superseded.ts';

/** A browser node that joined with the key of the same number. */
const node = (id: string): HeadscaleNode => ({
  id,
  nodeKey: `nodekey:${id}`,
  ipAddresses: [],
  givenName: 'browser',
  user: { id: '1', name: 'hub-1' },
  preAuthKey: { id: `k${id}`, ephemeral: true },
  lastSeen: null,
  expiry: null,
  createdAt: null,
  online: true,
});
const key = (id: string, changes: { hub?: string; account?: string; instance?: string } = {}) => ({
  headscale_key_id: `k${id}`,
  hub_id: changes.hub ?? 'hub',
  account_id: changes.account ?? 'alice',
  instance: changes.instance ?? 'laptop',
  created_at_ms: Number(id),
});

it('names the older nodes of a browser, whatever their order', () => {
  const nodes = [node('3'), node('1'), node('2')];
  expect(
    supersededNodes(
      nodes,
      nodes.map(({ id }) => key(id)),
    ),
  ).toEqual(new Set(['1', '2']));
});

it.each([
  ['another browser of the account', { instance: 'desktop' }],
  ['the same name of another account', { account: 'bob' }],
  ['the same browser in another unit', { hub: 'other' }],
])('leaves %s alone', (_, changes) => {
  expect(supersededNodes([node('1'), node('2')], [key('1', changes), key('2')])).toEqual(new Set());
});

it('leaves nodes alone whose key nobody knows, and those whose successor never joined', () => {
  expect(supersededNodes([node('1')], [key('1'), key('2')])).toEqual(new Set());
  expect(supersededNodes([node('1'), node('2')], [key('2')])).toEqual(new Set());
});
