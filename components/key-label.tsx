import { chordLabel, type KeyChord } from '../lib/key-chords.ts';
import { Icon } from './icon.tsx';

interface KeyLabelProps {
  /** Nothing is shown for none. */
  chord: KeyChord | undefined;
  isMac: boolean;
}

/** A key as it is drawn beside what it does. */
export function KeyLabel({ chord, isMac }: KeyLabelProps) {
  if (chord === undefined) return null;
  if (chord !== 'Enter') return <kbd>{chordLabel(chord, isMac)}</kbd>;
  return (
    <kbd>
      <Icon name="corner-down-left" isSmall />
      <span class="visually-hidden">Enter</span>
    </kbd>
  );
}
