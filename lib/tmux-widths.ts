import { tmuxNumber } from './tmux-number.ts';

/** What xterm.js asks of a table of widths (its `IUnicodeVersionProvider`). */
export interface WidthProvider {
  readonly version: string;
  wcwidth(codepoint: number): 0 | 1 | 2;
  /** @param preceding what this returned for the character before; 0 for none */
  charProperties(codepoint: number, preceding: number): number;
}

/** Which characters a version of tmux puts into the cell of the one before them. */
interface JoinRules {
  /** Whether variation selectors, skin tones and flags make one wide cell; before 3.4 they do not. */
  joinsEmoji: boolean;
  /**
   * Bytes of UTF-8 that a cell holds (tmux.h, UTF8_SIZE). What would exceed them starts a cell of its own; up to 3.3 tmux
   * drops it and sends what follows, which is the same here.
   */
  cellBytes: number;
}

function joinRules(version: string): JoinRules {
  const number = tmuxNumber(version);
  return { joinsEmoji: number >= 304, cellBytes: number >= 306 ? 32 : 21 };
}

const ZERO_WIDTH_JOINER = 0x200d;
const EMOJI_SELECTOR = 0xfe0f;
const isSkinTone = (codepoint: number) => codepoint >= 0x1f3fb && codepoint <= 0x1f3ff;
const isRegional = (codepoint: number) => codepoint >= 0x1f1e6 && codepoint <= 0x1f1ff;

/** What is remembered of a cell, in the 24 bits of state that xterm.js carries from character to character. */
interface CellState {
  bytes: number;
  endsWithJoiner: boolean;
  /** One regional indicator: half a flag. */
  isHalfFlag: boolean;
}

/**
 * Widths as the hub's tmux counts them, so that its cursor and ours stand in the same column. Measured against tmux 3.3a,
 * 3.5a and 3.7c (`tests/lib/tmux-widths.test.ts`); the rules are those of `screen_write_combine` and `utf8-combined.c`.
 * @param table widths of single characters: Unicode 11, as tmux's
 */
export function tmuxWidths(version: string, table: Pick<WidthProvider, 'wcwidth'>): WidthProvider {
  const rules = joinRules(version);
  return {
    // Versions with the same rules have the same name.
    version: `tmux-${rules.joinsEmoji ? rules.cellBytes : 'old'}`,
    wcwidth: (codepoint) => table.wcwidth(codepoint),
    charProperties(codepoint, preceding) {
      const width = table.wcwidth(codepoint);
      const bytes = utf8Length(codepoint);
      const before =
        preceding === 0 ? undefined : { ...stateOf(preceding), width: widthOf(preceding) };
      const joined = before && before.width > 0 ? joinedWidth(codepoint, width, before) : undefined;
      if (before === undefined || joined === undefined || before.bytes + bytes > rules.cellBytes) {
        const state = { bytes, endsWithJoiner: false, isHalfFlag: isRegional(codepoint) };
        return packed(state, width, false);
      }
      const endsWithJoiner = codepoint === ZERO_WIDTH_JOINER;
      return packed(
        { bytes: before.bytes + bytes, endsWithJoiner, isHalfFlag: false },
        joined,
        true,
      );
    },
  };

  /** Width of the cell with the character in it; undefined if it starts a cell of its own. */
  function joinedWidth(
    codepoint: number,
    width: number,
    before: CellState & { width: number },
  ): number | undefined {
    if (rules.joinsEmoji && before.bytes >= 2) {
      if (isSkinTone(codepoint)) return 2;
      if (isRegional(codepoint) && before.isHalfFlag) return 2;
    }
    // A selector widens digits too: keycaps.
    if (rules.joinsEmoji && codepoint === EMOJI_SELECTOR) return 2;
    return width === 0 || before.endsWithJoiner ? before.width : undefined;
  }
}

function utf8Length(codepoint: number): number {
  if (codepoint < 0x80) return 1;
  if (codepoint < 0x800) return 2;
  return codepoint < 0x10000 ? 3 : 4;
}

// The layout of xterm.js: one bit for "joins", two for the width, 24 of state.
function packed({ bytes, endsWithJoiner, isHalfFlag }: CellState, width: number, joins: boolean) {
  const state = (bytes << 2) | (Number(endsWithJoiner) << 1) | Number(isHalfFlag);
  return (state << 3) | (width << 1) | Number(joins);
}

function stateOf(properties: number): CellState {
  const state = properties >> 3;
  return { bytes: state >> 2, endsWithJoiner: (state & 2) !== 0, isHalfFlag: (state & 1) !== 0 };
}

function widthOf(properties: number): number {
  return (properties >> 1) & 3;
}
