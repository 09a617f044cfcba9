/** Line drawings in a box of 24 by 24, for elements and for the map's canvas alike. */

export const PATHS = Object.freeze({
  door: 'M7 20V5.6A1.6 1.6 0 0 1 8.6 4h6.8A1.6 1.6 0 0 1 17 5.6V20M3.5 20h17M13.7 12.2v.1',
  van:
    'M4.6 16.5H3V7h10.5v9.5H9.4M13.5 10h3.9l3.6 3.6v2.9h-1.4M14.8 16.5h-1.3' +
    'M7 14.3a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4zM17.2 14.3a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4z',
  bike:
    'M5.8 12.6a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8zM18.2 12.6a3.4 3.4 0 1 0 0 6.8a3.4 3.4 0 1 0 0-6.8z' +
    'M5.8 16l3.4-6.5h6L12 16zM12 16l-3.6-8.5M7 7.5h3M18.2 16L14.8 6.5h2.6',
  box: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8',
  shop: 'M5 10.5V19h14v-8.5M3.5 10L5.3 5h13.4l1.8 5zM10 19v-4.5h4V19',
  depot: 'M4 19V9l8-4.5L20 9v10M8 19v-6h8v6M8 16h8',
  home: 'M4 11.2L12 4.5l8 6.7M6 9.8V19h12V9.8M10.2 19v-4.8h3.6V19',
  check: 'M5 12.8l4.4 4.4L19 7.6',
  alert: 'M12 4.5L2.8 19.5h18.4zM12 10v4.4M12 16.9v.2',
  clock: 'M12 3.8a8.2 8.2 0 1 0 0 16.4a8.2 8.2 0 1 0 0-16.4zM12 7.8V12l3 2',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  frame: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
});
