import { useState } from 'preact/hooks';
import { useFollowed } from '../../components/use-followed.ts';
import { followSettings, readSettings, storeSetting } from '../../lib/settings.ts';
import type { Settings } from '../../lib/settings-table.ts';

/** Whether the last choice was stored: the row it belongs to says so. */
export type Stored = 'no' | 'stored' | 'refused';

/** The settings, and a way to change one that is stored at once. Undefined until they were read. */
export function useSettings() {
  const settings = useFollowed(readSettings, followSettings);
  const [last, setLast] = useState<{ name: keyof Settings; stored: Stored }>();
  const choose = <K extends keyof Settings>(name: K, value: Settings[K]) => {
    storeSetting(name, value).then(
      () => setLast({ name, stored: 'stored' }),
      () => setLast({ name, stored: 'refused' }),
    );
  };
  const storedOf = (name: keyof Settings): Stored => (last?.name === name ? last.stored : 'no');
  return { settings, choose, storedOf };
}
