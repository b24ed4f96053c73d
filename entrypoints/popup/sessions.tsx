import { i18n } from '#i18n';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FaultAction } from '../../components/fault-table.ts';
import { FilterBar } from '../../components/filter-bar.tsx';
import { PopupFooter } from '../../components/popup-footer.tsx';
import { activeIndex, popupIntent } from '../../components/popup-keys.ts';
import { connectionSummary } from '../../components/popup-view.ts';
import { filterRows, rowsInOrder, sessionGroups } from '../../components/session-groups.ts';
import { listIds, rowId, SessionList } from '../../components/session-list.tsx';
import { SessionSheet } from '../../components/session-sheet.tsx';
import type { SessionRow } from '../../components/session-view.ts';
import { clockText, count } from '../../components/times.ts';
import { useFollowed } from '../../components/use-followed.ts';
import { useFocus } from '../../components/use-focus.ts';
import { useNow } from '../../components/use-now.ts';
import { useOnline } from '../../components/use-online.ts';
import { ask } from '../../lib/ask.ts';
import { keysOf, type CommandOf } from '../../lib/commands.ts';
import { followSettings, readSettings } from '../../lib/settings.ts';
import type { ExtensionState, Fault, OpenWhere } from '../../protocol/contexts.ts';
import { openOptions } from './pages.ts';
import { useSheet } from './use-sheet.ts';
import { PopupStrips } from './popup-strips.tsx';

const IS_MAC = navigator.platform.startsWith('Mac');

interface SessionsProps {
  state: ExtensionState;
  /** Why the last reading failed as a whole. */
  fault: Fault | undefined;
  onRefresh: () => void;
  onNewAgent: () => void;
}

/** The list of sessions with its filter, keys and footer. */
export function Sessions({ state, fault, onRefresh, onNewAgent }: SessionsProps) {
  const nowMs = useNow(1000);
  const isOnline = useOnline();
  const [query, setQuery] = useState('');
  const [openFault, setOpenFault] = useState<Fault>();
  const groups = useMemo(
    () => sessionGroups(state.hubs, isOnline, nowMs),
    [state.hubs, isOnline, nowMs],
  );
  const all = rowsInOrder(groups);
  const isFiltered = query.trim() !== '';
  const rows = isFiltered ? filterRows(all, query) : all;
  const active = useActiveRow(rows);
  const input = useFocus<HTMLInputElement>();
  const sheet = useSheet(state, rows);
  const keys = useFollowed(readSettings, followSettings)?.keys ?? {};
  const firstKey = (command: CommandOf<'popup'>) => keysOf(command, keys, IS_MAC)[0];

  const changeQuery = (next: string) => {
    setQuery(next);
    active.reset();
    input.current?.focus();
  };
  const open = (row: SessionRow, where: OpenWhere) => {
    void ask('open-terminal', { hubId: row.hubId, session: row.session, where }).then((reply) => {
      if (reply.ok) window.close();
      else setOpenFault(reply.error);
    });
  };
  const openShell = (hubId: string) => {
    void ask('start-shell', { hubId }).then(async (started) => {
      const { session } = started.ok ? started.value : {};
      const done = session
        ? await ask('open-terminal', { hubId, session, where: 'focus' as const })
        : started;
      if (done.ok) window.close();
      else setOpenFault(done.error);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const at = { rowCount: rows.length, activeIndex: active.index, query };
    const intent = popupIntent(event, at, keys, IS_MAC);
    if (intent.kind === 'none') return;
    event.preventDefault();
    if (intent.kind === 'move') active.moveTo(intent.index);
    else if (intent.kind === 'clear') changeQuery('');
    else if (intent.kind === 'close') window.close();
    else if (intent.kind === 'actions') sheet.show(rows[intent.index]);
    else {
      const row = rows[intent.index];
      if (row) open(row, intent.where);
    }
  };
  const onFaultAction = (action: FaultAction) => {
    if (action === 'retry') onRefresh();
    else openOptions(action === 'check-key' ? 'hubs' : 'account');
  };

  const listTime = state.hubsAtMs === undefined ? undefined : clockText(state.hubsAtMs, nowMs);
  return (
    <>
      <FilterBar
        inputRef={input}
        query={query}
        controls={listIds(groups, isFiltered)}
        activeId={active.row && rowId(active.row)}
        onQuery={changeQuery}
        onKeyDown={onKeyDown}
        onNewAgent={onNewAgent}
        onAddHub={() => openOptions('add-hub')}
        onOptions={() => openOptions()}
      />
      <PopupStrips
        state={state}
        isOnline={isOnline}
        listTime={listTime}
        fault={openFault ?? fault}
        onAction={onFaultAction}
      />
      <main class="list">
        <SessionList
          groups={groups}
          matches={isFiltered ? rows : undefined}
          query={query.trim()}
          activeKey={active.row?.key}
          nowMs={nowMs}
          onOpen={open}
          onActions={sheet.show}
          onFaultAction={onFaultAction}
          onOpenShell={openShell}
        />
      </main>
      <PopupFooter
        summary={connectionSummary(state, isOnline, listTime)}
        matches={
          isFiltered
            ? i18n.t('popup.someOf', { some: rows.length, all: count(all.length, 'session') })
            : undefined
        }
        hasRows={rows.length > 0}
        keys={{
          open: firstKey('open'),
          leave: firstKey('leave'),
          'row-actions': firstKey('row-actions'),
        }}
        isMac={IS_MAC}
        onActions={() => sheet.show(active.row)}
      />
      {sheet.row && (
        <SessionSheet
          key={sheet.row.key}
          row={sheet.row}
          isAgent={sheet.isAgent}
          isBusy={sheet.isBusy}
          error={sheet.error}
          onOpen={(where) => sheet.row && open(sheet.row, where)}
          onRename={sheet.rename}
          onStop={sheet.stop}
          onClose={() => {
            sheet.close();
            input.current?.focus();
          }}
        />
      )}
    </>
  );
}

/** The row that Enter opens. It is remembered by key, so that new data never moves it to another session. */
function useActiveRow(rows: SessionRow[]) {
  const [chosen, setChosen] = useState<{ key: string | undefined; index: number }>({
    key: undefined,
    index: 0,
  });
  const index = activeIndex(
    rows.map((row) => row.key),
    chosen.key,
    chosen.index,
  );
  const row = rows[index];
  // Before the first key press the first row is active; from then on it is that session, wherever it moves.
  useEffect(() => {
    // A key may have been pressed since this was drawn: what it chose stays.
    if (row) setChosen((now) => (now.key === undefined ? { key: row.key, index } : now));
  }, [chosen.key, row?.key, index]);
  useEffect(() => {
    if (row) document.getElementById(rowId(row))?.scrollIntoView({ block: 'nearest' });
  }, [row?.key]);
  return {
    row,
    index,
    moveTo: (next: number) => setChosen({ key: rows[next]?.key, index: next }),
    reset: () => setChosen({ key: undefined, index: 0 }),
  };
}
