/** The same text as components/tokens.css, in a module so that the bundled server needs no files. A test holds both together. */
export const TOKENS = `/* Hubtab's design tokens. One definition per token, both schemes in it: light-dark(light, dark).
   A page follows the system; data-theme="light|dark" on <html> overrides it. Contrast figures are in ui.md. */

:root {
  color-scheme: light dark;

  /* Surfaces, from the back to the front */
  --bg: light-dark(#ffffff, #121316);
  --bg-subtle: light-dark(#f6f7f8, #18191d);
  --bg-raised: light-dark(#ffffff, #1d1f23);
  --bg-hover: light-dark(#f1f2f4, #1f2126);
  --bg-selected: light-dark(#e8eaee, #2a2d34);
  --scrim: light-dark(#ffffffb3, #0b0c0eb3);

  /* Lines. --border separates; --border-control outlines what one can operate (3:1). */
  --border: light-dark(#e3e5e9, #2a2c32);
  --border-control: light-dark(#7f8592, #747a8a);

  /* Text */
  --text: light-dark(#15171c, #eceef2);
  --text-muted: light-dark(#545a66, #a4a9b5);
  --text-faint: light-dark(#5f6572, #959baa);

  /* Interaction: ink for the one main action, blue for links and focus */
  --ink: light-dark(#15171c, #eceef2);
  --on-ink: light-dark(#ffffff, #121316);
  --ink-hover: light-dark(#33363f, #ffffff);
  --accent: light-dark(#0a58ca, #79b4ff);
  --focus: light-dark(#0a63e0, #79b4ff);

  /* State. The only other colours in the interface. */
  --waiting: light-dark(#8f5300, #f2b33d);
  --waiting-bg: light-dark(#fff3d9, #2f2612);
  --working: light-dark(#0a58ca, #79b4ff);
  --working-bg: light-dark(#e6f0ff, #14253c);
  --done: light-dark(#176f3a, #62cb87);
  --done-bg: light-dark(#e3f5e9, #13291b);
  --failed: light-dark(#b9202c, #ff8a85);
  --failed-bg: light-dark(#fdeaea, #371a1b);
  --unknown: light-dark(#5f6572, #959baa);

  --danger: light-dark(#b9202c, #e5484d);
  --on-danger: light-dark(#ffffff, #000000);
  --badge: #f2b33d;
  --on-badge: #1c1400;
  --brand: #0f9484;

  /* Type. Chrome uses the system's font; what a machine said is monospace. */
  --font-ui: system-ui, -apple-system, 'Segoe UI Variable Text', 'Segoe UI', Roboto, sans-serif;
  --font-mono:
    'JetBrains Mono NL', ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace;
  --text-11: 0.6875rem/1rem var(--font-ui);
  --text-12: 0.75rem/1rem var(--font-ui);
  --text-13: 0.8125rem/1.25rem var(--font-ui);
  --text-14: 0.875rem/1.375rem var(--font-ui);
  --text-16: 1rem/1.5rem var(--font-ui);
  --text-20: 1.25rem/1.75rem var(--font-ui);
  --text-24: 1.5rem/2rem var(--font-ui);
  --mono-12: 0.75rem/1.125rem var(--font-mono);
  --mono-13: 0.8125rem/1.25rem var(--font-mono);
  --medium: 500;
  --semibold: 600;

  /* Space: a 4 px grid, with 2 and 6 for the insides of controls */
  --s-1: 0.125rem;
  --s-2: 0.25rem;
  --s-3: 0.375rem;
  --s-4: 0.5rem;
  --s-5: 0.75rem;
  --s-6: 1rem;
  --s-7: 1.5rem;
  --s-8: 2rem;
  --s-9: 3rem;

  /* Heights a row or control may have */
  --h-control: 2rem;
  --h-control-small: 1.5rem;
  --h-row: 2rem;
  --h-row-two: 3.125rem;
  --h-bar: 2.25rem;

  --r-1: 4px; /* kbd, tag */
  --r-2: 6px; /* control, row */
  --r-3: 8px; /* panel */
  --r-4: 12px; /* dialog */

  --shadow-popover:
    0 0 0 1px light-dark(#15171c14, #ffffff1a), 0 8px 24px light-dark(#15171c24, #00000080);

  --motion-fast: 80ms; /* hover, press */
  --motion-in: 140ms; /* menu, dialog, strip */
  --motion-out: 100ms;
  --ease: cubic-bezier(0.2, 0, 0, 1);
  --focus-ring: 2px solid var(--focus);
}

:root[data-theme='light'] {
  color-scheme: light;
}
:root[data-theme='dark'] {
  color-scheme: dark;
}

@media (prefers-contrast: more) {
  :root {
    --text-muted: var(--text);
    --text-faint: light-dark(#3b404b, #c9cdd6);
    --border: var(--border-control);
    --border-control: var(--text);
  }
}

@media (prefers-reduced-motion: reduce) {
  :root {
    --motion-fast: 0ms;
    --motion-in: 0ms;
    --motion-out: 0ms;
  }
}
`;
