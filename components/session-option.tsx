import type { OpenWhere } from '../protocol/contexts.ts';
import { openWhere } from './popup-keys.ts';
import type { SessionRow } from './session-view.ts';
import { StateIcon } from './state-icon.tsx';
import { ageText } from './times.ts';

interface SessionOptionProps {
  row: SessionRow;
  id: string;
  isActive: boolean;
  nowMs: number;
  /** True among filter results, which have no hub header: the hub stands where the age was. */
  showsHub: boolean;
  onOpen: (row: SessionRow, where: OpenWhere) => void;
  onActions: (row: SessionRow) => void;
}

/** One session: two lines with the question if it waits, else one. */
export function SessionOption(props: SessionOptionProps) {
  const { row, id, isActive, nowMs, showsHub, onOpen, onActions } = props;
  const isWaiting = row.state === 'waiting';
  const age = ageText(row.sinceMs, nowMs);
  const classes = ['session', isWaiting && 'two', isActive && 'is-selected', row.isOld && 'is-old'];
  return (
    // The filter keeps the focus and the keys; the pointer alone acts here.
    <div
      class={classes.filter(Boolean).join(' ')}
      role="option"
      id={id}
      aria-selected={isActive}
      data-hub-id={row.hubId}
      data-session={row.session}
      data-state={row.state}
      onMouseDown={(event) => event.preventDefault()}
      onClick={(event) => onOpen(row, openWhere(event))}
      onContextMenu={(event) => {
        event.preventDefault();
        onActions(row);
      }}
    >
      {/* What is seen is for the eye; this one sentence is read. */}
      <span class="visually-hidden">{row.spoken}</span>
      <StateIcon state={row.state} label="" />
      {isWaiting ? (
        <>
          <Name row={row} />
          <span class="age" aria-hidden="true">
            {age}
          </span>
          <div class="second" aria-hidden="true">
            <span class="ask cut" title={row.say}>
              {row.say}
            </span>
            <span class="where cut" title={row.hubName}>
              {row.hubName}
            </span>
          </div>
        </>
      ) : (
        <>
          <div class="line" aria-hidden="true">
            <Name row={row} />
            <span class="say cut" title={row.say}>
              {row.say}
            </span>
          </div>
          <span class="age cut" aria-hidden="true">
            {showsHub ? row.hubName : age}
          </span>
        </>
      )}
    </div>
  );
}

function Name({ row }: { row: SessionRow }) {
  return (
    <span class="name" aria-hidden="true" title={`${row.label.name} ${row.label.issue}`.trim()}>
      <b>{row.label.name}</b>
      {row.label.issue !== '' && <i> {row.label.issue}</i>}
    </span>
  );
}
