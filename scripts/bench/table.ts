import { PEERS, type Figure, type FigureName, type Samples } from './figures.ts';
import { summarize } from './statistics.ts';

type NamedFigure = Figure & { name: FigureName };

/** One row a figure, one column a peer: median, range and number of measurements. Figures without any are left out. */
export function table(figures: readonly NamedFigure[], samples: Samples): string {
  const rows = figures
    .map((figure) => [
      figure.name,
      figure.title,
      figure.unit,
      ...PEERS.map((peer) => cell(samples.of(figure.name, peer), figure.digits)),
    ])
    .filter(([, , , ...cells]) => cells.some((text) => text !== ABSENT));
  const lines = [['name', 'figure', 'unit', ...PEERS], ...rows];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const [head, ...body] = lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [head, rule, ...body].join('\n');
}

const ABSENT = '-';

function cell(values: readonly number[], digits: number): string {
  if (values.length === 0) return ABSENT;
  const { n, median, min, max } = summarize(values);
  const text = (value: number) => value.toFixed(digits);
  if (n === 1) return text(median);
  return `${text(median)} (${text(min)}-${text(max)}) n=${n}`;
}
