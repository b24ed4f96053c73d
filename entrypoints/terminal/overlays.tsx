import type { RefObject } from 'preact';
import { DownloadCard } from '../../components/download-card.tsx';
import { FindBar } from '../../components/find-bar.tsx';
import { Palette } from '../../components/palette.tsx';
import { paletteItems, type PaletteQuery } from '../../components/palette-items.ts';
import { PasteCard } from '../../components/paste-card.tsx';
import type { TerminalCommand } from '../../lib/commands.ts';
import type { Emulator } from './emulator.ts';
import { copyText } from './use-clipboard.ts';
import type { OverlayUse } from './use-overlay.ts';

interface OverlaysProps {
  use: OverlayUse;
  emulator: RefObject<Emulator>;
  matches: { index: number; count: number };
  palette: Omit<PaletteQuery, 'query' | 'nowMs'>;
  nowMs: number;
  onCommand: (command: TerminalCommand) => void;
  onSession: (hubId: string, session: string) => void;
  onHistory: (query: string) => void;
  onDownload: (path: string) => void;
}

/** What a person asked to have over the screen. */
export function Overlays(props: OverlaysProps) {
  const { use, emulator, matches, palette, nowMs } = props;
  const { overlay, close } = use;
  switch (overlay.kind) {
    case 'none':
      return null;
    case 'palette':
      return (
        <Palette
          itemsFor={(query) => paletteItems({ ...palette, query, nowMs })}
          nowMs={nowMs}
          onClose={close}
          onPick={(item) => {
            close();
            if (item.kind === 'session') props.onSession(item.row.hubId, item.row.session);
            else props.onCommand(item.command);
          }}
        />
      );
    case 'find':
      return (
        <FindBar
          matches={matches}
          onFind={(query, direction) => emulator.current?.find(query, direction)}
          onHistory={props.onHistory}
          onClose={() => {
            emulator.current?.endFind();
            close();
          }}
        />
      );
    case 'paste':
      return (
        <div class="veil">
          <PasteCard
            text={overlay.text}
            onCancel={close}
            onPaste={() => {
              close();
              emulator.current?.paste(overlay.text);
            }}
          />
        </div>
      );
    case 'download':
      return (
        <div class="veil">
          <DownloadCard
            path={overlay.path}
            onCancel={close}
            onCopy={(path) => {
              void copyText(path);
              close();
            }}
            onDownload={(path) => {
              close();
              props.onDownload(path);
            }}
          />
        </div>
      );
  }
}
