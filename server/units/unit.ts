import type { HeadscaleNode } from '../headscale/schemas.ts';

/** Name of the Headscale user that is the unit of a hub. */
export function unitName(hubId: string): string {
  return `hub-${hubId.toLowerCase()}`;
}

/** Whether a Headscale user is one of our units; an external Headscale may hold others, which are not ours to touch. */
export function isUnitName(name: string | undefined): boolean {
  return name !== undefined && /^hub-[0-9a-hjkmnp-tv-z]{26}$/.test(name);
}

/** The hub whose unit a Headscale user is; undefined if it is none of ours. */
export function hubIdOfUnit(name: string | undefined): string | undefined {
  return isUnitName(name) ? name?.slice('hub-'.length).toUpperCase() : undefined;
}

export function isNodeOfUnit(node: HeadscaleNode, hubId: string): boolean {
  return node.user?.name === unitName(hubId);
}

/** Browsers join with ephemeral keys, and only they get such keys. */
export function isBrowserNode(node: HeadscaleNode): boolean {
  return node.preAuthKey?.ephemeral === true;
}

/** A node that joined with a hub key. One that lost its key's row is nobody's: it could be a former browser. */
export function isHubNode(node: HeadscaleNode): boolean {
  return node.preAuthKey?.ephemeral === false;
}

/** Whether the node may still speak: Headscale marks logged-out nodes by an expiry in the past. */
export function isExpired(node: HeadscaleNode, nowMs: number): boolean {
  return node.expiry !== null && node.expiry <= nowMs;
}

/** Whether a node is the unit's hub node and on the net. */
export function isLiveHubNode(node: HeadscaleNode, hubId: string, nowMs: number): boolean {
  return isNodeOfUnit(node, hubId) && isHubNode(node) && node.online && !isExpired(node, nowMs);
}
