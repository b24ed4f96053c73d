/** Hubtab's mark: two tabs standing side by side, the hub between them. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M1 15V3a2 2 0 0 1 4 0v12zM11 15V3a2 2 0 0 1 4 0v12z" fill="var(--brand)" />
      <circle cx="8" cy="8" r="3" fill="var(--brand)" />
    </svg>
  );
}
