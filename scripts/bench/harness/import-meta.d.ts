/** What the product's build puts in place of `import.meta.env`; the harness' build does the same. */
interface ImportMeta {
  readonly env: { readonly MODE: string };
}
