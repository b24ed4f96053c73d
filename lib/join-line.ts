import { browser } from 'wxt/browser';
import type { AccountState, Fault } from '../protocol/contexts.ts';
import type { JoinToken } from '../protocol/hubs.ts';
import { ask } from './ask.ts';
import { readState } from './extension-state.ts';

/** A join line on its way from the server, or why it did not come. */
export type JoinLine =
  | { kind: 'asking' }
  | { kind: 'ready'; token: JoinToken }
  | { kind: 'failed'; fault: Fault };

export interface JoinLineWatch {
  /** Asks for another line, for example after this one expired. */
  renew(): void;
  stop(): void;
}

/** Popup and options page show the same line, and opening the popup again must not mint another. */
const KEY = 'joinLine';
interface Kept {
  token: JoinToken;
  account: string;
  /** The hubs there were when it was made: a further one means that the line, which works once, is used. */
  hubIds: string[];
}

/** How soon an arriving hub is noticed: the interface promises two seconds. */
const ARRIVAL_MS = 2000;

/** Gives a join line of the account, and until stopped looks every two seconds whether its hub arrived. */
export function watchJoinLine(
  account: AccountState,
  onLine: (line: JoinLine) => void,
): JoinLineWatch {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = (line: JoinLine) => {
    if (!isOver) onLine(line);
  };
  const renew = () => {
    tell({ kind: 'asking' });
    void mint(ownerOf(account)).then(tell);
  };
  // One reading at a time: the next look begins when the last one was answered.
  const look = async () => {
    await ask('refresh', {});
    if (!isOver) timer = setTimeout(() => void look(), ARRIVAL_MS);
  };
  void keptLine(ownerOf(account)).then((token) => {
    if (token) tell({ kind: 'ready', token });
    else if (!isOver) renew();
  });
  void look();
  return {
    renew,
    stop() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}

async function mint(account: string): Promise<JoinLine> {
  const [reply, state] = await Promise.all([ask('create-join-token', {}), readState()]);
  if (!reply.ok) return { kind: 'failed', fault: reply.error };
  const kept: Kept = { token: reply.value, account, hubIds: state.hubs.map(({ hub }) => hub.id) };
  await browser.storage.session.set({ [KEY]: kept });
  return { kind: 'ready', token: reply.value };
}

async function keptLine(account: string): Promise<JoinToken | undefined> {
  const kept = (await browser.storage.session.get(KEY))[KEY] as Kept | undefined;
  if (kept === undefined || kept.account !== account) return undefined;
  if (Date.parse(kept.token.expiresAt) <= Date.now()) return undefined;
  const { hubs } = await readState();
  const isUsed = hubs.some(({ hub }) => !kept.hubIds.includes(hub.id));
  return isUsed ? undefined : kept.token;
}

function ownerOf(account: AccountState): string {
  return account.kind === 'signed-in' ? `${account.serverUrl} ${account.email}` : '';
}
