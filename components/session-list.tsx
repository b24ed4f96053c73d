import { i18n } from '#i18n';
import type { OpenWhere } from '../protocol/contexts.ts';
import type { FaultAction } from './fault-table.ts';
import { HubSection } from './hub-section.tsx';
import type { SessionGroups } from './session-groups.ts';
import { SessionOption } from './session-option.tsx';
import type { SessionRow } from './session-view.ts';

interface SessionListProps {
  groups: SessionGroups;
  /** Set while filtering: the matches, best first, instead of the groups. */
  matches: SessionRow[] | undefined;
  query: string;
  activeKey: string | undefined;
  nowMs: number;
  onOpen: (row: SessionRow, where: OpenWhere) => void;
  onActions: (row: SessionRow) => void;
  onFaultAction: (action: FaultAction) => void;
  onOpenShell: (hubId: string) => void;
}

/**
 * Each group is a listbox of its own, and the filter's combobox controls them all: a listbox may hold options only, but
 * between the groups stand headings and buttons.
 */
export function SessionList(props: SessionListProps) {
  const { groups, matches, query, onFaultAction, onOpenShell } = props;
  if (matches !== undefined) {
    if (matches.length === 0) {
      return (
        <p class="no-match" role="status">
          {i18n.t('popup.noMatch', { query })}
        </p>
      );
    }
    return (
      <Rows {...props} rows={matches} id="list-matches" label={i18n.t('popup.matches')} showsHub />
    );
  }
  return (
    <>
      {groups.waiting.length > 0 && (
        <section data-group="waiting">
          <div class="group">
            <h2>{i18n.t('popup.waiting')}</h2>
            <span class="muted num">{groups.waiting.length}</span>
          </div>
          <Rows
            {...props}
            rows={groups.waiting}
            id="list-waiting"
            label={i18n.t('popup.waiting')}
          />
        </section>
      )}
      {groups.hubs
        .filter((group) => !group.isHidden)
        .map((group) => (
          <HubSection
            key={group.view.hub.id}
            group={group}
            onFaultAction={onFaultAction}
            onOpenShell={() => onOpenShell(group.view.hub.id)}
          >
            {group.rows.length > 0 && (
              <Rows
                {...props}
                rows={group.rows}
                id={`list-${group.view.hub.id}`}
                label={group.view.hub.name}
              />
            )}
          </HubSection>
        ))}
    </>
  );
}

/** Ids of the listboxes in the page, for the combobox's `aria-controls`. */
export function listIds(groups: SessionGroups, isFiltered: boolean): string {
  if (isFiltered) return 'list-matches';
  const hubs = groups.hubs.filter((group) => group.rows.length > 0);
  const ids = hubs.map((group) => `list-${group.view.hub.id}`);
  return [...(groups.waiting.length > 0 ? ['list-waiting'] : []), ...ids].join(' ');
}

/** The id of a row's element. Session names may hold spaces, which an id may not. */
export function rowId(row: SessionRow): string {
  return `row-${encodeURIComponent(row.key)}`;
}

interface RowsProps extends SessionListProps {
  rows: SessionRow[];
  id: string;
  label: string;
  showsHub?: boolean;
}

function Rows(props: RowsProps) {
  const { rows, id, label, activeKey, nowMs, showsHub = false, onOpen, onActions } = props;
  return (
    <div role="listbox" id={id} aria-label={label} class="rows">
      {rows.map((row) => (
        <SessionOption
          key={row.key}
          row={row}
          id={rowId(row)}
          isActive={row.key === activeKey}
          nowMs={nowMs}
          showsHub={showsHub}
          onOpen={onOpen}
          onActions={onActions}
        />
      ))}
    </div>
  );
}
