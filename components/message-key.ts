/** A name with `_` for every `-`. */
export type MessageKey<T extends string> = T extends `${infer Head}-${infer Rest}`
  ? `${Head}_${MessageKey<Rest>}`
  : T;

/** A name as the catalogue writes it: the browser takes no hyphen in the name of a text. */
export function messageKey<T extends string>(name: T): MessageKey<T> {
  return name.replaceAll('-', '_') as MessageKey<T>;
}
