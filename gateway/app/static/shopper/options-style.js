import { sheet } from '../theme.js';

export const optionsStyle = sheet(`
  fieldset { display: grid; gap: 0.625rem; min-width: 0; }
  legend { font-weight: 650; margin-bottom: 0.25rem; }
  .list { display: grid; border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden;
    background: var(--surface); transition: opacity 0.15s; }
  .list[aria-busy="true"] { opacity: 0.55; }
  .option { display: grid; grid-template-columns: auto 1fr auto; gap: 0.125rem 0.75rem; align-items: baseline;
    padding: 0.8rem 1rem; cursor: pointer; }
  .option + .option { border-top: 1px solid var(--line); }
  .option:hover { background: var(--sunken); }
  .option:has(:checked) { background: var(--wash); }
  .option:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: var(--radius); }
  .option:has(:disabled) { cursor: default; color: var(--soft); }
  .option input { accent-color: var(--accent); width: 1.05rem; height: 1.05rem; margin: 0; align-self: center; }
  .option input:focus-visible { outline: 0; }
  .title { font-weight: 600; }
  .price { font-weight: 650; text-align: right; white-space: nowrap; }
  .detail { grid-column: 2 / -1; display: flex; flex-wrap: wrap; gap: 0.125rem 0.5rem; align-items: center; }
  .when { font-weight: 500; }
  .chips { display: inline-flex; gap: 0.35rem; }
  .why { grid-column: 2 / -1; font-size: 0.8125rem; color: var(--soft); }
  .foot { display: flex; justify-content: space-between; gap: 0.25rem 1rem; flex-wrap: wrap; min-height: 1.4em; }
  .bone { height: 4.1rem; padding: 1rem; display: grid; gap: 0.6rem; align-content: center;
    animation: breathe 1.4s ease-in-out infinite; }
  .bone + .bone { border-top: 1px solid var(--line); }
  .bone::before, .bone::after { content: ""; height: 0.7rem; border-radius: 4px;
    background: color-mix(in oklab, var(--ink) 9%, var(--surface)); width: 45%; }
  .bone::after { width: 70%; }
`);
