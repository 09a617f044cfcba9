import { sheet } from '../theme.js';

export const operatorStyle = sheet(`
  :host { height: 100%; }
  .board { display: grid; gap: 0.875rem; grid-template-columns: minmax(0, 1fr); }
  section { display: flex; flex-direction: column; min-height: 0; border: 1px solid var(--line);
    border-radius: var(--radius); background: var(--surface); overflow: hidden; }
  section > h3 { display: flex; justify-content: space-between; align-items: center; gap: 0.75rem; flex: none;
    padding: 0.7rem 1rem; font-size: 0.875rem; font-weight: 650; border-bottom: 1px solid var(--line); }
  .scroll { overflow: auto; overscroll-behavior: contain; flex: 1; min-height: 0; max-height: 26rem; }
  .empty { padding: 1.25rem 1rem; color: var(--soft); font-size: 0.875rem; }
  .map { height: 17rem; border: 1px solid var(--line); }
  .legend { position: absolute; left: 10px; bottom: 10px; display: flex; flex-wrap: wrap; gap: 0.15rem 0.8rem;
    padding: 0.3rem 0.65rem; border-radius: 8px; font-size: 0.6875rem; color: var(--soft); pointer-events: none;
    background: color-mix(in oklab, var(--surface) 88%, transparent); }
  .legend li { display: flex; align-items: center; gap: 0.35rem; }
  .legend li::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: var(--soft); }
  .legend .accent::before { background: var(--accent); }
  .legend .good::before { background: var(--good); }
  .legend .bad::before { background: var(--bad); }

  .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); gap: 1px; overflow: hidden;
    border: 1px solid var(--line); border-radius: var(--radius); background: var(--line); margin: 0; }
  .figures div { padding: 0.65rem 0.9rem 0.7rem; background: var(--surface); flex: 1; }
  dt { font-size: 0.75rem; color: var(--soft); white-space: nowrap; }
  dd { font-size: 1.5rem; line-height: 1.15; font-weight: 660; letter-spacing: -0.02em; }
  .figures .alert dd { color: var(--bad); }

  table { width: 100%; border-collapse: collapse; font-size: 0.8125rem; }
  th { position: sticky; top: 0; text-align: left; font-weight: 500; color: var(--soft); font-size: 0.75rem;
    background: var(--surface); z-index: 1; }
  th, td { padding: 0.5rem 0.5rem; vertical-align: top; }
  th:first-child, td:first-child { padding-left: 1rem; }
  th:last-child, td:last-child { padding-right: 1rem; }
  tbody tr { border-top: 1px solid var(--line); }
  td > small { display: block; font-size: 0.75rem; white-space: nowrap; }
  td:first-child > span { font-weight: 600; }
  td[data-column="Carrier"], td[data-column="ETA"] { white-space: nowrap; }
  .over { opacity: 0.6; }
  .late { color: var(--bad); font-weight: 600; }

  .exception { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.35rem; padding: 0.8rem 1rem; }
  .exception + .exception { border-top: 1px solid var(--line); }
  .exception .top { display: flex; justify-content: space-between; gap: 1rem; align-items: center; }
  h4 { margin: 0; font-size: 0.9375rem; font-weight: 620; line-height: 1.3; }
  .taken { display: grid; gap: 0.25rem; margin: 0.15rem 0; }
  .taken li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0.5rem; align-items: start; }
  .taken .icon { color: var(--soft); width: 1rem; height: 1rem; margin-top: 0.1em; }
  .taken .done .icon { color: var(--good); }
  .taken .failed .icon { color: var(--bad); }
  .acts { display: flex; flex-wrap: wrap; gap: 0.5rem; }
  .acts button, .acts select { font-size: 0.8125rem; padding: 0.25em 0.7em; }
  .refusal:empty { display: none; }
  .refusal { color: var(--bad); }

  .happenings { padding: 0.5rem 0; font-size: 0.8125rem; }
  .happenings li { display: grid; grid-template-columns: 8px 1fr auto; gap: 0.7rem; padding: 0.35rem 1rem; }
  .happenings li::before { content: ""; width: 8px; height: 8px; border-radius: 50%; margin-top: 0.4em;
    background: color-mix(in oklab, var(--ink) 22%, var(--surface)); }
  .happenings [data-tone="accent"]::before { background: var(--accent); }
  .happenings [data-tone="good"]::before { background: var(--good); }
  .happenings [data-tone="warn"]::before { background: var(--warn); }
  .happenings [data-tone="bad"]::before { background: var(--bad); }
  .happenings span > small { display: block; font-size: 0.75rem; }

  @container (max-width: 560px) {
    .figures { grid-template-columns: repeat(6, 1fr); }
    .figures div { grid-column: span 3; }
    .figures div:nth-child(-n + 3) { grid-column: span 2; padding-inline: 0.75rem; }
    thead { position: absolute; clip-path: inset(50%); }
    tr { display: grid; grid-template-columns: 1fr auto; padding: 0.6rem 1rem; gap: 0.1rem 1rem; }
    td, td:first-child, td:last-child { padding: 0; }
    td[data-column="Status"] { grid-area: 1 / 2; justify-self: end; }
    td[data-column="Carrier"], td[data-column="ETA"] { text-align: right; }
    td[data-column="To"] small { display: none; }
  }
  @container (min-width: 560px) {
    .board { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    .figures, .map, .deliveries { grid-column: 1 / -1; }
    .deliveries { order: 1; }
    .exceptions .scroll, .recent .scroll { max-height: 17rem; }
  }
  @container (min-width: 1000px) {
    .board { height: 100%; grid-template: auto minmax(15rem, 1.05fr) minmax(13rem, 1fr) / minmax(0, 1fr) 24rem;
      grid-template-areas: "figures figures" "map exceptions" "deliveries happenings"; }
    .figures { grid-area: figures; }
    .map { grid-area: map; height: auto; }
    .deliveries { grid-area: deliveries; }
    .exceptions { grid-area: exceptions; }
    .recent { grid-area: happenings; }
    .exceptions .scroll, .recent .scroll, .deliveries .scroll { max-height: none; }
    dd { font-size: 1.75rem; }
  }
`);
