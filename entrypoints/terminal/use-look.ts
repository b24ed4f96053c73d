import { useCallback } from 'preact/hooks';
import { useFollowed } from '../../components/use-followed.ts';
import { followHubMemory, readHubMemory, type HubMemory } from '../../lib/hub-memory.ts';
import { followSettings, readSettings } from '../../lib/settings.ts';
import type { Settings } from '../../lib/settings-table.ts';
import type { HubId } from '../../protocol/ids.ts';

/** The settings and what is remembered of the hub; undefined until both were read. */
export function useLook(hubId: HubId): { settings: Settings; memory: HubMemory } | undefined {
  const settings = useFollowed(readSettings, followSettings);
  const read = useCallback(() => readHubMemory(hubId), [hubId]);
  const follow = useCallback(
    (onMemory: (memory: HubMemory) => void) => followHubMemory(hubId, onMemory),
    [hubId],
  );
  const memory = useFollowed(read, follow);
  return settings && memory ? { settings, memory } : undefined;
}
