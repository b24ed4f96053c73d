/** Steps of each channel in the 216 colours of the palette. */
const STEPS = [0, 95, 135, 175, 215, 255];

/** A colour of the terminal's palette as CSS: the first sixteen belong to the theme, the rest is the same everywhere. */
export function paletteColour(index: number): string {
  if (index < 16) return `var(--t-${index})`;
  if (index >= 232) return grey(8 + (index - 232) * 10);
  const cube = index - 16;
  const channels = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return `rgb(${channels.map((step) => STEPS[step] ?? 0).join(' ')})`;
}

function grey(level: number): string {
  return `rgb(${level} ${level} ${level})`;
}
