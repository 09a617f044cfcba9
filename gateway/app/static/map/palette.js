/** Colours of the map; the page says by the colour of its text whether it is dark. */

export const LIGHT = {
  paper: '#ecebe5',
  district: '#c9c6bd',
  name: '#77746b',
  park: '#d3e5cb',
  river: '#c3d9ec',
  casing: '#d9d6cc',
  street: '#ffffff',
  trunk: '#fce3b0',
  grid: '#dfddd5',
  ink: '#17191d',
  surface: '#ffffff',
  soft: '#6c7078',
  good: '#0e7548',
  warn: '#b06a00',
  bad: '#b92c2c',
};

/** @typedef {typeof LIGHT} Palette */

/** @type {Palette} */
export const DARK = {
  paper: '#14171b',
  district: '#3b4048',
  name: '#767d88',
  park: '#1a2a20',
  river: '#16293a',
  casing: '#14171b',
  street: '#2b3038',
  trunk: '#463f2f',
  grid: '#1e2227',
  ink: '#eef0f3',
  surface: '#181b20',
  soft: '#a0a6b0',
  good: '#62cf9a',
  warn: '#f0b75e',
  bad: '#ff948b',
};

/**
 * @param {string} textColor computed, `rgb(…)` or `color(srgb …)`
 * @returns {Palette}
 */
export function paletteFor(textColor) {
  const parts = (textColor.match(/[\d.]+/g) ?? ['0', '0', '0']).slice(0, 3).map(Number);
  const most = textColor.startsWith('rgb') ? 255 : 1;
  const brightness = parts.reduce((sum, part) => sum + part, 0) / 3 / most;
  return brightness > 0.5 ? DARK : LIGHT;
}
