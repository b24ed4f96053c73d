import { useEffect, useRef } from 'preact/hooks';
import { commandOf, type ChosenKeys, type CommandOf } from '../../lib/commands.ts';
import { chordOf, isCommandChord } from '../../lib/key-chords.ts';

/** The keys of the page. Where text is typed only those count that type nothing. */
export function useHistoryKeys(
  chosen: ChosenKeys,
  isMac: boolean,
  run: Record<CommandOf<'history'>, () => void>,
): void {
  const latest = useRef({ chosen, run });
  latest.current = { chosen, run };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { chosen, run } = latest.current;
      const chord = chordOf(event, isMac);
      if (chord === undefined) return;
      if (event.target instanceof HTMLInputElement && !isCommandChord(chord)) return;
      const command = commandOf('history', chord, chosen, isMac);
      if (command === undefined) return;
      event.preventDefault();
      run[command]();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
