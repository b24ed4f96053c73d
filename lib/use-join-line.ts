import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import type { AccountState, Fault } from '../protocol/contexts.ts';
import type { JoinToken } from '../protocol/hubs.ts';
import { ask } from './ask.ts';

/** What a page knows of its join line. */
export type JoinLine =
  | { kind: 'asking' }
  | { kind: 'ready'; token: JoinToken }
  | { kind: 'failed'; fault: Fault };

/** Popup and options page show the same line, and opening the popup again must not mint another. */
const KEY = 'joinLine';
interface Kept {
  token: JoinToken;
  account: string;
}

/** How soon an arriving hub is noticed: the interface promises two seconds. */
const ARRIVAL_MS = 2000;

interface JoinLineUse {
  line: JoinLine;
  /** Asks for another line, for example after this one expired. */
  renew: () => void;
}

/**
 * A join line, and a look every two seconds whether its hub arrived, while `isWanted`. A line works once: when
 * `hubCount` grows it is used, and the next visit gets a new one.
 */
export function useJoinLine(
  isWanted: boolean,
  account: AccountState,
  hubCount: number,
): JoinLineUse {
  const [line, setLine] = useState<JoinLine>({ kind: 'asking' });
  const owner = account.kind === 'signed-in' ? `${account.serverUrl} ${account.email}` : '';

  const renew = useCallback(() => {
    setLine({ kind: 'asking' });
    void mint(owner).then(setLine);
  }, [owner]);

  useEffect(() => {
    if (!isWanted || owner === '') return undefined;
    let isOver = false;
    void keptLine(owner).then((kept) => {
      if (isOver) return;
      if (kept) setLine({ kind: 'ready', token: kept });
      else renew();
    });
    const stopWatching = watchForHub();
    return () => {
      isOver = true;
      stopWatching();
    };
  }, [isWanted, owner, renew]);

  const lastCount = useRef(hubCount);
  useEffect(() => {
    if (isWanted && hubCount > lastCount.current) void browser.storage.session.remove(KEY);
    lastCount.current = hubCount;
  }, [isWanted, hubCount]);

  return { line, renew };
}

async function mint(account: string): Promise<JoinLine> {
  const reply = await ask('create-join-token', {});
  if (!reply.ok) return { kind: 'failed', fault: reply.error };
  const kept: Kept = { token: reply.value, account };
  await browser.storage.session.set({ [KEY]: kept });
  return { kind: 'ready', token: reply.value };
}

async function keptLine(account: string): Promise<JoinToken | undefined> {
  const kept = (await browser.storage.session.get(KEY))[KEY] as Kept | undefined;
  if (kept === undefined || kept.account !== account) return undefined;
  return Date.parse(kept.token.expiresAt) > Date.now() ? kept.token : undefined;
}

/** Reads the hub list again and again, one reading at a time. Returns the way to stop it. */
function watchForHub(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const look = () => {
    void ask('refresh', {}).then(() => {
      if (!isOver) timer = setTimeout(look, ARRIVAL_MS);
    });
  };
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
