import { i18n } from '#i18n';
import { isSame, type Size, type SizeConflict } from '../lib/session-size.ts';

/** More of them no sentence holds. */
const MOST_OTHERS = 6;

/** `80×24`. */
export function sizeText({ cols, rows }: Size): string {
  return `${cols}×${rows}`;
}

/** Why the session has another size, in one sentence. */
export function conflictText({ size, isByHand }: SizeConflict): string {
  return i18n.t(isByHand ? 'size.byHand' : 'size.byClient', { size: sizeText(size) });
}

/** Who else shows the session: "80×24, 100×30 (read only)"; empty where the sentence has said it. */
export function othersText({ size, isByHand, others }: SizeConflict): string {
  const [first] = others;
  const isSaid = others.length === 1 && first && !first.isReadOnly && isSame(first, size);
  if (others.length === 0 || (isSaid && !isByHand)) return '';
  const named = others
    .slice(0, MOST_OTHERS)
    .map((one) =>
      one.isReadOnly ? i18n.t('size.readOnlyClient', { size: sizeText(one) }) : sizeText(one),
    );
  return [...named, ...(others.length > MOST_OTHERS ? ['…'] : [])].join(', ');
}
