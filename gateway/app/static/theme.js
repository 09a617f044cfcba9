/**
 * What all elements look like. A storefront adjusts them with custom properties of the same names:
 * `--doorstep-accent`, `--doorstep-surface`, `--doorstep-ink`, `--doorstep-line`, `--doorstep-radius`.
 */

/** @param {string} css */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

export const theme = sheet(`
  :host {
    --accent: var(--doorstep-accent, light-dark(#2250e0, #93adff));
    --on-accent: var(--doorstep-on-accent, light-dark(#ffffff, #0d1530));
    --surface: var(--doorstep-surface, light-dark(#ffffff, #181b20));
    --sunken: color-mix(in oklab, var(--ink) 4%, var(--surface));
    --ink: var(--doorstep-ink, light-dark(#17191d, #eef0f3));
    --soft: color-mix(in oklab, var(--ink) 66%, var(--surface));
    --line: var(--doorstep-line, color-mix(in oklab, var(--ink) 13%, var(--surface)));
    --wash: color-mix(in oklab, var(--accent) 9%, var(--surface));
    --good: light-dark(#0e7548, #62cf9a);
    --warn: light-dark(#8f5400, #f0b75e);
    --bad: light-dark(#b92c2c, #ff948b);
    --radius: var(--doorstep-radius, 12px);
    display: block;
    color: var(--ink);
    font: 400 0.9375rem/1.45
      -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", system-ui, sans-serif;
    font-variant-numeric: tabular-nums;
    container-type: inline-size;
  }
  :host([hidden]), [hidden] { display: none !important; }
  *, *::before, *::after { box-sizing: border-box; }
  h2, h3, p, ul, ol, dl, dd, fieldset { margin: 0; padding: 0; border: 0; }
  ul, ol { list-style: none; }
  legend { padding: 0; }
  small, .small { font-size: 0.8125rem; }
  .soft { color: var(--soft); }
  .icon {
    width: 1.25em; height: 1.25em; flex: none;
    fill: none; stroke: currentColor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round;
  }
  .visually-hidden {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  }
  button, select {
    font: inherit; font-weight: 550; color: inherit; cursor: pointer;
    padding: 0.4em 0.85em; border: 1px solid var(--line); border-radius: 8px; background: var(--surface);
  }
  button:hover { border-color: color-mix(in oklab, var(--ink) 35%, var(--surface)); }
  button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
  button:disabled { opacity: 0.55; cursor: default; }
  a { color: var(--accent); text-underline-offset: 0.15em; }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .chip {
    display: inline-flex; align-items: center; gap: 0.35em; white-space: nowrap;
    padding: 0.1em 0.6em; border-radius: 99px; font-size: 0.75rem; font-weight: 600;
    color: var(--soft); background: var(--sunken);
  }
  .chip.accent { color: var(--accent); background: color-mix(in oklab, var(--accent) 13%, var(--surface)); }
  .chip.good { color: var(--good); background: color-mix(in oklab, var(--good) 11%, var(--surface)); }
  .chip.warn { color: var(--warn); background: color-mix(in oklab, var(--warn) 12%, var(--surface)); }
  .chip.bad { color: var(--bad); background: color-mix(in oklab, var(--bad) 11%, var(--surface)); }
  .line-state { display: inline-flex; align-items: center; gap: 0.4em; font-size: 0.75rem; color: var(--soft); }
  .line-state::before { content: ""; width: 7px; height: 7px; border-radius: 50%; background: var(--soft); }
  .line-state[data-state="live"]::before { background: var(--good); }
  .line-state[data-state="waiting"]::before { background: var(--warn); }
  .line-state[data-state="ended"]::before { background: var(--line); }
  .notice {
    display: grid; gap: 0.75rem; justify-items: start; padding: 1rem 1.125rem;
    border-radius: var(--radius); background: var(--sunken);
  }
  .notice strong { font-weight: 600; }
  @keyframes breathe { 50% { opacity: 0.45; } }
  @media (prefers-reduced-motion: reduce) {
    *, *::before, *::after { animation: none !important; transition: none !important; }
  }
`);

/** @type {Record<import('./socket.js').LineState, string>} */
export const LINE_WORDS = { connecting: 'Connecting…', live: 'Live', waiting: 'Reconnecting…', ended: 'Not live' };
