/** Our own line icons on a 24-pixel grid, drawn in the colour of the text. */

const PATHS = {
  camera: 'M3 7.5A1.5 1.5 0 0 1 4.500 6h9A1.5 1.500 0 0 1 15 7.500v9a1.500 1.500 0 0 1-1.500 1.500h-9A1.500 1.500 0 0 1 3 16.500z M15 10.500l6-3.500v10l-6-3.500',
  'camera-off': 'M3 3l18 18 M10 6h3.500A1.500 1.500 0 0 1 15 7.500V11 M15 10.500l6-3.500v10l-3-1.750 M15 15.500v1a1.500 1.500 0 0 1-1.500 1.500h-9A1.500 1.500 0 0 1 3 16.500v-9A1.500 1.500 0 0 1 4.500 6H6',
  microphone: 'M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z M6 11a6 6 0 0 0 12 0 M12 17v4 M8.500 21h7',
  'microphone-off': 'M3 3l18 18 M9 9v2a3 3 0 0 0 4.800 2.400 M15 10.500V6a3 3 0 0 0-5.800-1 M6 11a6 6 0 0 0 10 4.500 M18 11a6 6 0 0 1-.4 2.200 M12 17v4 M8.500 21h7',
  screen: 'M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z M8.500 21h7 M12 17v4 M12 13.500V8.500 M9.500 10.800L12 8.300l2.500 2.500',
  'screen-off': 'M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z M8.500 21h7 M12 17v4 M9.700 8.700l4.600 4.600 M14.300 8.700l-4.600 4.600',
  chat: 'M5 4.500h14A1.500 1.500 0 0 1 20.500 6v9a1.500 1.500 0 0 1-1.500 1.500h-7.500L7 20.500v-4H5A1.500 1.500 0 0 1 3.500 15V6A1.500 1.500 0 0 1 5 4.500z',
  people: 'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z M2.500 20c0-3.600 2.900-6 6.500-6s6.500 2.400 6.500 6 M15.500 4.300a3.500 3.500 0 0 1 0 6.500 M17.500 14.400c2.400.8 4 2.800 4 5.600',
  eye: 'M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  share: 'M12 15V3.500 M8 7l4-4 4 4 M5 12v7a1.500 1.500 0 0 0 1.500 1.500h11A1.500 1.500 0 0 0 19 19v-7',
  copy: 'M9 8.500h9.500A1.500 1.500 0 0 1 20 10v9.500a1.500 1.500 0 0 1-1.500 1.500H9a1.500 1.500 0 0 1-1.500-1.500V10A1.500 1.500 0 0 1 9 8.500z M4 15.500V4.500A1.500 1.500 0 0 1 5.500 3H15',
  check: 'M4.500 12.500l5 5 10-11',
  close: 'M6 6l12 12 M18 6L6 18',
  more: 'M5 12h.01 M12 12h.01 M19 12h.01',
  send: 'M4 12h15 M13 6l6 6-6 6',
  down: 'M6 9l6 6 6-6',
  volume: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500z M15.500 9a4.200 4.200 0 0 1 0 6 M18 6.500a7.800 7.800 0 0 1 0 11',
  'volume-off': 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500z M16 9.500l5 5 M21 9.500l-5 5',
  fullscreen: 'M4 9V5a1 1 0 0 1 1-1h4 M15 4h4a1 1 0 0 1 1 1v4 M20 15v4a1 1 0 0 1-1 1h-4 M9 20H5a1 1 0 0 1-1-1v-4',
  pip: 'M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z M12 12h6v4h-6z',
  settings: 'M4 7h9 M17 7h3 M4 17h3 M11 17h9 M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z M9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  key: 'M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9z M12.500 12H21v3.500 M17.500 12v2.500',
  stop: 'M7 6h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H7a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1z',
  live: 'M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M7.700 16.300a6 6 0 0 1 0-8.600 M16.300 7.700a6 6 0 0 1 0 8.600 M4.900 19.100a10 10 0 0 1 0-14.200 M19.100 4.900a10 10 0 0 1 0 14.200',
  lock: 'M6 10.500h12a1 1 0 0 1 1 1V20a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-8.500a1 1 0 0 1 1-1z M8 10.500V7.500a4 4 0 0 1 8 0v3',
  remove: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M8 12h8',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.7.4-1.100.9-1.100 1.800 M12 16.800h.01',
  door: 'M6 21V4.500A1.500 1.500 0 0 1 7.500 3h9A1.500 1.500 0 0 1 18 4.500V21 M3.500 21h17 M14.500 12.500h.01',
  warning: 'M12 4l9 16H3z M12 10v4.500 M12 17.300h.01',
};

/** @typedef {keyof typeof PATHS} Icon */

const SVG = 'http://www.w3.org/2000/svg';

/** @param {Icon} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** Shows another icon in an element that has one. @param {Element} element @param {Icon} name */
export function setIcon(element, name) {
  const path = element.querySelector('.icon path');
  if (path && path.getAttribute('d') !== PATHS[name]) path.setAttribute('d', PATHS[name]);
}
