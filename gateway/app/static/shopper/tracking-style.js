import { sheet } from '../theme.js';

export const trackingStyle = sheet(`
  article { display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
  header { display: grid; gap: 0.25rem; }
  .top { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
  h2 { font-size: clamp(1.25rem, 5.5cqi, 1.75rem); line-height: 1.2; font-weight: 680; letter-spacing: -0.015em;
    text-wrap: balance; }
  .eta div { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: center; justify-content: space-between; }
  .eta strong { font-size: 1.625rem; line-height: 1.15; font-weight: 680; letter-spacing: -0.02em; }
  .stops { padding: 0.2em 0.7em; border-radius: 99px; background: var(--wash); color: var(--accent);
    font-weight: 600; font-size: 0.8125rem; }
  .steps { display: grid; grid-template-columns: repeat(6, minmax(0, 1fr)); gap: 5px; }
  .steps li { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0.45rem; font-size: 0.75rem; color: var(--soft); }
  .steps li::before { content: ""; height: 5px; border-radius: 3px;
    background: color-mix(in oklab, var(--ink) 11%, var(--surface)); transition: background 0.4s; }
  .steps .done::before { background: var(--accent); }
  .steps .now { color: var(--ink); font-weight: 650; }
  .steps[data-trouble="halted"] .now::before { background: var(--warn); }
  .steps[data-trouble="ended"] .done::before { background: var(--bad); }
  @container (max-width: 430px) {
    .steps span { visibility: hidden; white-space: nowrap; }
    .steps .now span { visibility: visible; }
    .steps li:nth-last-child(-n + 3) span { justify-self: end; direction: rtl; }
  }
  .courier { display: flex; align-items: center; gap: 0.75rem; }
  .courier .icon { width: 2.25rem; height: 2.25rem; padding: 0.45rem; border-radius: 50%;
    color: var(--accent); background: var(--wash); }
  .courier strong { font-weight: 600; display: block; line-height: 1.3; }
  .map { height: clamp(200px, 46cqi, 340px); }
  .veil { position: absolute; inset: auto 0 0; padding: 2.5rem 1rem 0.9rem; font-size: 0.8125rem; text-align: center;
    text-wrap: balance; color: var(--ink); pointer-events: none;
    background: linear-gradient(transparent, var(--surface) 65%); }
  .actions { display: grid; gap: 0.5rem; }
  .actions > div { border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden; }
  .actions > div:empty { display: none; }
  .actions details + details { border-top: 1px solid var(--line); }
  .actions summary { padding: 0.7rem 0.9rem; font-weight: 550; cursor: pointer; }
  .actions summary:focus-visible { outline-offset: -2px; border-radius: var(--radius); }
  .actions details > :not(summary) { padding: 0 0.9rem 0.9rem; }
  .actions details > div { display: grid; gap: 0.9rem; }
  .actions form { display: grid; gap: 0.6rem; justify-items: start; }
  .actions label, .actions form .map { display: grid; gap: 0.25rem; width: 100%; font-weight: 550; }
  .actions input, .actions select, .actions textarea { width: 100%; font: inherit; font-weight: 400; color: inherit;
    padding: 0.5em 0.7em; border: 1px solid color-mix(in oklab, var(--ink) 45%, var(--surface)); border-radius: 8px;
    background: var(--surface); }
  .actions textarea { resize: vertical; }
  .actions form:first-of-type > button { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
  .wrong { color: var(--bad); }
  .wrong:empty, .said:empty { display: none; }
  .said { color: var(--good); font-weight: 550; }
  .pin { position: absolute; left: 50%; top: 50%; translate: -50% -92%; color: var(--bad); pointer-events: none; }
  .pin .icon { width: 34px; height: 34px; fill: var(--surface); display: block; }
  .messages { display: grid; gap: 0.6rem; max-height: 16rem; overflow-y: auto; }
  .messages li { justify-self: start; max-width: 85%; padding: 0.5rem 0.75rem; border-radius: var(--radius); background: var(--sunken);
    overflow-wrap: anywhere; white-space: pre-line; }
  .messages .own { justify-self: end; background: var(--wash); }
  .timeline { display: grid; }
  .timeline li { display: grid; grid-template-columns: 1.25rem 1fr auto; gap: 0.65rem; padding-bottom: 0.9rem;
    position: relative; color: var(--soft); }
  .timeline li:last-child { padding-bottom: 0; }
  .timeline li::before { content: ""; width: 11px; height: 11px; margin: 0.35em 0 0 3px; border-radius: 50%;
    border: 2px solid color-mix(in oklab, var(--ink) 22%, var(--surface)); background: var(--surface); z-index: 1; }
  .timeline li:not(:last-child)::after { content: ""; position: absolute; left: 8px; top: 1.1em; bottom: -0.3em;
    width: 1.5px; background: var(--line); }
  .timeline .done { color: var(--ink); }
  .timeline .done::before { background: var(--accent); border-color: var(--accent); }
  .timeline time { color: var(--soft); font-size: 0.8125rem; white-space: nowrap; }
  .bone { height: 22rem; border-radius: var(--radius); background: var(--sunken);
    animation: breathe 1.4s ease-in-out infinite; }
`);
