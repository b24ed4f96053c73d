/** Control characters, and marks that turn the direction of text around: neither has a place in a name. */
// oxlint-disable-next-line no-control-regex -- removing them is the purpose
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** Text that a hub chose, made fit for one line: without what one cannot see, and not longer than a line can use. */
export function plainText(text: string, maxLength = 200): string {
  const plain = text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  return plain.length <= maxLength ? plain : `${plain.slice(0, maxLength - 1)}…`;
}
