import { expect, it } from 'vitest';
import { measureNodes } from '../../scripts/load/nodes.ts';

it('of many nodes that come and go, each sees those of its unit and nobody else', async () => {
  const lines: string[] = [];
  const { strangers } = await measureNodes({
    accounts: 3,
    hubs: 4,
    browsers: 4,
    units: 4,
    idleMs: 0,
    say: (line) => lines.push(line),
  });
  console.log(lines.join('\n'));
  expect(strangers).toEqual([]);
});
