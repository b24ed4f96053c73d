import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FAULT_CODES } from '../../components/faults.ts';
import { faultOf } from '../../entrypoints/offscreen/faults.ts';
import type { ChannelEnd, Peer, TailnetError, UnitState, UnitStats } from '../../wasm/node.d.ts';

/** What Go hands over: written and checked by `go test ./internal/shape` in wasm. */
const shapes = JSON.parse(
  readFileSync(new URL('../fixtures/tailnet-shapes.json', import.meta.url), 'utf8'),
) as {
  errors: TailnetError[];
  states: UnitState[];
  peers: Peer[];
  ends: ChannelEnd[];
  unitStats: UnitStats[];
};

test('every error of Go becomes a fault that has words', () => {
  const faults = shapes.errors.map((properties) =>
    faultOf(Object.assign(new Error(properties.message), properties)),
  );
  for (const { code } of faults) expect(FAULT_CODES).toContain(code);
  expect(faults.map(({ code, hostKey }) => [code, hostKey])).toEqual([
    ['hub-offline', undefined],
    ['bad-argument', undefined],
    [
      'host-key-changed',
      {
        offered: 'SHA256:offered',
        type: 'ssh-ed25519',
        registered: ['SHA256:offered'],
        netmap: ['SHA256:offered', 'SHA256:other'],
        seen: 'SHA256:seen',
        against: ['seen'],
      },
    ],
    [
      'host-key-absent',
      {
        offered: 'SHA256:offered',
        type: 'ssh-ed25519',
        registered: ['SHA256:registered'],
        netmap: [],
        against: ['registered', 'netmap'],
      },
    ],
    ['internal', undefined],
  ]);
});

test('states, peers, ends and figures have the fields that their types name', () => {
  expect(shapes.states).toEqual([
    { kind: 'running' },
    { kind: 'reconnecting', reason: 'EOF' },
    { kind: 'failed', code: 'node-deleted', message: 'node not found' },
  ] satisfies UnitState[]);
  expect(shapes.peers).toEqual([
    {
      name: 'hub0',
      ips: ['100.64.0.2', 'fd7a::2'],
      nodeKey: 'nodekey:01',
      online: true,
      isHub: true,
    },
    {
      name: 'other',
      ips: [],
      nodeKey: 'nodekey:02',
      online: false,
      isHub: false,
      lastSeenMs: 1_790_000_000_123,
    },
  ] satisfies Peer[]);
  expect(shapes.ends).toEqual([
    { reason: 'exited', code: 0 },
    { reason: 'exited', code: 42 },
    { reason: 'exited', signal: 'TERM' },
    { reason: 'closed' },
    { reason: 'connection-lost' },
  ] satisfies ChannelEnd[]);
  expect(shapes.unitStats[1]).toEqual({
    id: 'hub0',
    state: 'reconnecting',
    sshConnections: 1,
    channels: 3,
    relay: 'hs',
    clockAheadMs: -1000,
    ping: { rttMs: 1.5, via: 'hs', atMs: 1_790_000_000_123 },
    errors: [
      { atMs: 1_790_000_000_123, what: 'control', code: 'control-unreachable', text: 'EOF' },
    ],
  } satisfies UnitStats);
});
