import type { ExtensionState, HubView } from '../../protocol/contexts.ts';
import type { Session } from '../../protocol/sessions.ts';

/** Half past two on a Sunday afternoon, local time: clocks in texts do not depend on the zone of the machine. */
export const NOW = new Date(2026, 10, 22, 14, 30).getTime();
export const MINUTE = 60_000;

export function session(name: string, rest: Partial<Session> = {}): Session {
  return {
    id: `$${name}`,
    name,
    title: '',
    program: 'zsh',
    attachedClients: 0,
    size: { cols: 80, rows: 24 },
    createdAtMs: NOW - 600 * MINUTE,
    activityAtMs: NOW - MINUTE,
    state: 'unknown',
    ...rest,
  };
}

export function hubView(name: string, rest: Partial<HubView> = {}, online = true): HubView {
  return {
    hub: {
      id: `01HUB${name.toUpperCase().replace(/[^A-Z0-9]/g, '')}`.padEnd(26, '0'),
      name,
      role: 'owner',
      owner: 'ada@example.test',
      online,
      lastSeenAt: new Date(NOW - 12 * MINUTE).toISOString(),
      sshUser: 'dev',
      ip: '100.64.0.7',
      tmux: { path: '/usr/bin/tmux', socket: '/tmp/tmux-1000/default' },
      hubtabPath: '/usr/local/bin/hubtab',
      createdAt: new Date(NOW).toISOString(),
      shares: [],
      notices: [],
    },
    unit: { kind: 'running', path: { via: 'fra', rttMs: 41.6 } },
    sessions: [],
    sessionsAtMs: NOW - 10 * MINUTE,
    isWatched: true,
    ...rest,
  };
}

export const SIGNED_IN: ExtensionState['account'] = {
  kind: 'signed-in',
  serverUrl: 'https://hubtab.example.test',
  email: 'dev@example.test',
};
