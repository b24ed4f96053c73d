import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { i18n } from '#i18n';
import { browser } from 'wxt/browser';
import { FaultCard } from '../../components/fault-card.tsx';
import { faultWords } from '../../components/faults.ts';
import { followScheme } from '../../components/follow-scheme.ts';
import { HistoryBar } from '../../components/history-bar.tsx';
import { historyBlocks } from '../../components/history-line.ts';
import { Icon } from '../../components/icon.tsx';
import { KeyLabel } from '../../components/key-label.tsx';
import { plainText } from '../../components/plain-text.ts';
import { sessionLabel } from '../../components/session-view.ts';
import { Strip } from '../../components/strip.tsx';
import { TERMINAL_THEMES, themeColours } from '../../components/terminal-themes.ts';
import { count, numberText, timeText } from '../../components/times.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { keysOf, type ChosenKeys, type CommandOf } from '../../lib/commands.ts';
import { followState, readState } from '../../lib/extension-state.ts';
import { MAX_MATCHES } from '../../lib/find-in-lines.ts';
import { send } from '../../lib/messaging.ts';
import { followSettings, readSettings } from '../../lib/settings.ts';
import { plainLine } from '../../lib/styled-lines.ts';
import { lineFragment, terminalAddress, type LineRange } from '../../lib/terminal-address.ts';
import type { Fault, Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { SelectionBar } from './selection-bar.tsx';
import { MAX_LINES, useCapture, type Capture } from './use-capture.ts';
import { useLastAnswer } from './use-last-answer.ts';
import { useLineTarget } from './use-line-target.ts';
import { useMarks } from './use-marks.ts';
import { useHistoryKeys } from './use-history-keys.ts';

const IS_MAC = navigator.platform.startsWith('Mac');

interface HistoryPageProps {
  address: Result<{ hubId: HubId; session: string; lines?: LineRange }>;
  firstQuery: string;
}

/** The scrollback of a session as a page: read, searched, copied and linked to, without tmux's copy mode. */
export function HistoryPage({ address, firstQuery }: HistoryPageProps) {
  if (!address.ok) return <Refused fault={address.error} />;
  const { hubId, session } = address.value;
  return <SessionHistory hubId={hubId} session={session} firstQuery={firstQuery} />;
}

interface SessionHistoryProps {
  hubId: HubId;
  session: string;
  firstQuery: string;
}

function SessionHistory({ hubId, session: name, firstQuery }: SessionHistoryProps) {
  const extension = useFollowed(readState, followState);
  const { capture, readingLines, fault, refresh } = useCapture(hubId, name);
  const [query, setQuery] = useState(firstQuery);
  const [onlyMatching, setOnlyMatching] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const texts = useMemo(() => capture?.lines.map(plainLine) ?? [], [capture]);
  const marks = useMarks(texts, query, lines);
  useThemeColours();
  useLines(lines, capture);
  useLineTarget(lines, capture, query === '');
  useOnlyMatching(lines, onlyMatching && query !== '' ? marks.matches : undefined);

  const view = extension?.hubs.find(({ hub }) => hub.id === hubId);
  const session = view?.sessions.find((one) => one.name === name);
  const label = sessionLabel(session ?? { name });
  const hubName = plainText(view?.hub.name ?? '', 80);
  const openTerminal = () =>
    void send('background', 'open-terminal', { hubId, session: name, where: 'focus' });
  const answer = useLastAnswer(capture, texts, lines);
  const keys = useFollowed(readSettings, followSettings)?.keys ?? {};
  useHistoryKeys(keys, IS_MAC, {
    search: () => input.current?.select(),
    'next-match': () => marks.step(-1),
    'previous-match': () => marks.step(1),
    top: () => lines.current?.scrollTo({ top: 0 }),
    bottom: () => lines.current?.scrollTo({ top: lines.current.scrollHeight }),
    'copy-answer': answer.copy,
    refresh,
    'open-terminal': openTerminal,
  });
  useEffect(() => {
    const name = [label.name, label.issue].filter(Boolean).join(' ');
    document.title = i18n.t('history.title', {
      name: hubName === '' ? name : `${name} – ${hubName}`,
    });
  }, [label.name, label.issue, hubName]);

  return (
    <>
      <HistoryBar
        state={view && !view.hub.online ? 'offline' : (session?.state ?? 'unknown')}
        label={label}
        hubName={hubName}
        inputRef={input}
        query={query}
        found={query === '' ? '' : foundText(marks.current, marks.matches.length)}
        onlyMatching={onlyMatching}
        onQuery={setQuery}
        onStep={marks.step}
        onOnlyMatching={setOnlyMatching}
        onRefresh={refresh}
        onTerminal={openTerminal}
      />
      {fault && capture && (
        <Strip
          icon="unplug"
          fault={fault.code}
          action={{ label: i18n.t('action.retry'), onClick: refresh }}
        >
          {i18n.t('history.stale', {
            fault: faultWords(fault.code, { hub: hubName, session: name }).title,
            lines: count(capture.lines.length, 'line'),
            time: timeText(capture.takenAtMs),
          })}
        </Strip>
      )}
      <main class="body" data-state={stateOf(capture, readingLines, fault)}>
        <div
          class="lines"
          ref={lines}
          role="document"
          aria-label={i18n.t('history.scrollback')}
          tabIndex={0}
        />
        {capture && <Rail matches={marks.matches} current={marks.current} count={texts.length} />}
        <Instead
          capture={capture}
          readingLines={readingLines}
          fault={fault}
          hubName={hubName}
          session={name}
          missing={query !== '' && marks.matches.length === 0 ? query : ''}
          onRefresh={refresh}
          onTerminal={openTerminal}
        />
        <SelectionBar
          linkOf={(range) =>
            `${browser.runtime.getURL('/history.html')}${fragmentOf(hubId, name)}${lineFragment(range)}`
          }
        />
      </main>
      {capture && <Footer capture={capture} keys={keys} answer={answer} />}
    </>
  );
}

function fragmentOf(hubId: HubId, session: string): string {
  const address = terminalAddress(hubId, session);
  return address.slice(address.indexOf('#'));
}

/** Puts the lines into their element; the newest ones are in sight. */
function useLines(root: { current: HTMLElement | null }, capture: Capture | undefined): void {
  useLayoutEffect(() => {
    if (!root.current || !capture) return;
    const fragment = location.hash.replace(/\/L\d+(?:-L\d+)?$/, '');
    const blocks = historyBlocks(capture.lines, (number) => `${fragment}/L${number}`);
    root.current.replaceChildren(blocks);
    root.current.scrollTop = root.current.scrollHeight;
  }, [capture]);
}

function useOnlyMatching(
  root: { current: HTMLElement | null },
  matches: readonly { line: number }[] | undefined,
): void {
  useEffect(() => {
    const wanted = matches && new Set(matches.map(({ line }) => String(line + 1)));
    for (const row of root.current?.querySelectorAll<HTMLElement>('.l') ?? [])
      row.hidden = wanted !== undefined && !wanted.has(row.dataset['line'] ?? '');
  }, [matches]);
}

function useThemeColours(): void {
  useEffect(
    () =>
      followScheme((scheme) => {
        for (const [name, colour] of themeColours(TERMINAL_THEMES[scheme]))
          document.documentElement.style.setProperty(name, colour);
      }),
    [],
  );
}

interface RailProps {
  matches: readonly { line: number }[];
  current: number;
  count: number;
}

/** Where the matches are, over the whole length. */
function Rail({ matches, current, count }: RailProps) {
  const places = new Map<number, boolean>();
  for (const [index, { line }] of matches.entries()) {
    const place = Math.round((line / Math.max(1, count)) * 400) / 4;
    places.set(place, places.get(place) === true || index === current);
  }
  return (
    <div class="rail" aria-hidden="true">
      {[...places].map(([place, isNow]) => (
        <i key={place} class={isNow ? 'now' : ''} style={{ top: `${place}%` }} />
      ))}
    </div>
  );
}

interface InsteadProps {
  capture: Capture | undefined;
  readingLines: number | undefined;
  fault: Fault | undefined;
  hubName: string;
  session: string;
  /** A query that is nowhere in the lines. */
  missing: string;
  onRefresh: () => void;
  onTerminal: () => void;
}

/** What stands where no lines can: while they are read, when there are none, when none matches. */
function Instead(props: InsteadProps) {
  const { capture, readingLines, fault, hubName, session, missing, onRefresh, onTerminal } = props;
  if (!capture && fault)
    return (
      <div class="empty solid">
        <FaultCard
          fault={fault}
          words={faultWords(fault.code, { hub: hubName, session })}
          isFlat
          onAction={(action) => (action === 'retry' ? onRefresh() : onTerminal())}
        />
      </div>
    );
  if (!capture)
    return (
      <div class="empty solid" role="status">
        <span class="spinner" aria-hidden="true" />
        <p class="num">{i18n.t('history.reading', { lines: count(readingLines ?? 0, 'line') })}</p>
      </div>
    );
  if (capture.lines.length === 0)
    return (
      <div class="empty solid">
        <h2>{i18n.t('history.empty')}</h2>
        <p>{i18n.t('history.emptySentence')}</p>
        <button type="button" class="button small" onClick={onTerminal}>
          <Icon name="terminal" isSmall />
          {i18n.t('history.openTerminal')}
        </button>
      </div>
    );
  if (missing !== '')
    return (
      <div class="empty over" role="status">
        <h2>
          {i18n.t('history.missing', {
            query: plainText(missing, 60),
            lines: count(capture.lines.length, 'line'),
          })}
        </h2>
        <p>{i18n.t('history.captured', { time: timeText(capture.takenAtMs) })}</p>
        <button type="button" class="button small" onClick={onRefresh}>
          <Icon name="refresh-cw" isSmall />
          {i18n.t('history.refresh')}
        </button>
      </div>
    );
  return null;
}

interface FooterProps {
  capture: Capture;
  keys: ChosenKeys;
  answer: ReturnType<typeof useLastAnswer>;
}

function Footer({ capture, keys, answer }: FooterProps) {
  const key = (command: CommandOf<'history'>) => (
    <KeyLabel chord={keysOf(command, keys, IS_MAC)[0]} isMac={IS_MAC} />
  );
  const { lines, pane, takenAtMs } = capture;
  const limit =
    pane.historyLines > MAX_LINES
      ? i18n.t('history.readLimit', { lines: count(MAX_LINES, 'line') })
      : i18n.t('history.hubLimit', { lines: count(pane.historyLimit, 'line') });
  return (
    <footer class="foot">
      <span class="num">
        {i18n.t('history.foot', { lines: count(lines.length, 'line'), time: timeText(takenAtMs) })}
      </span>
      <span class="row">
        {key('search')} {i18n.t('history.keyFind')}
      </span>
      <span class="row">
        {key('next-match')}
        {key('previous-match')} {i18n.t('history.keyStep')}
      </span>
      <span class="row">
        {key('refresh')} {i18n.t('history.refresh')}
      </span>
      <button type="button" class="link-button row" onClick={answer.copy}>
        {key('copy-answer')} {i18n.t('history.copyAnswer')}
      </button>
      <span class="grow" />
      <span class="cut" role="status">
        {answer.said}
      </span>
      <span class="cut">{limit}</span>
    </footer>
  );
}

function Refused({ fault }: { fault: Fault }) {
  return (
    <main class="body">
      <div class="empty solid">
        <FaultCard fault={fault} words={faultWords(fault.code)} isFlat onAction={() => close()} />
      </div>
    </main>
  );
}

function stateOf(
  capture: Capture | undefined,
  readingLines: number | undefined,
  fault: Fault | undefined,
): string {
  if (readingLines !== undefined) return 'reading';
  if (fault) return 'failed';
  return capture ? 'ready' : 'reading';
}

function foundText(current: number, found: number): string {
  if (found === 0) return '0';
  return i18n.t('popup.someOf', {
    some: numberText(current + 1),
    all: `${numberText(found)}${found === MAX_MATCHES ? '+' : ''}`,
  });
}
