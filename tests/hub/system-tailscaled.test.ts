import { expect, it } from 'vitest';
import { settingsToRepeat } from '../../hub/system-tailscaled.ts';

const complaint = (
  flags: string,
) => `Error: changing settings via 'tailscale up' requires mentioning all
non-default flags. To proceed, either re-run your command with --reset or
use the command below to explicitly mention the current value of
all non-default settings:

	tailscale up ${flags}

`;

it('repeats the settings that tailscale names, and none of its own', () => {
  const flags =
    '--auth-key=file:/x --login-server=https://a --ssh --hostname=b --accept-routes --operator=c';
  expect(settingsToRepeat(complaint(flags))).toEqual(['--accept-routes', '--operator=c']);
});

it('repeats nothing after another failure, and refuses what it cannot repeat', () => {
  expect(settingsToRepeat('invalid key')).toEqual([]);
  expect(() => settingsToRepeat(complaint("--exit-node='a b'"))).toThrow('cannot repeat');
});
