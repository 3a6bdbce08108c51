/**
 * The player's look, as a sheet that is adopted: pages with a strict content security policy allow that,
 * and no `<style>`. A page changes the custom properties that begin with `--roomcast-`.
 */

const TEXT = `
:host {
  display: block; position: relative; overflow: clip; aspect-ratio: 16 / 9; min-height: 120px; container: player / size;
  background: var(--roomcast-background, #191614); color: var(--roomcast-color, #f6f1eb);
  border-radius: var(--roomcast-radius, 0); font: 15px/1.45 var(--roomcast-font, system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "PingFang TC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif);
  -webkit-font-smoothing: antialiased;
}
:host([hidden]) { display: none; }
:host(:fullscreen) { border-radius: 0; aspect-ratio: auto; }
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.frame { position: absolute; inset: 0; outline: none; }
.frame:focus-visible { outline: 3px solid var(--roomcast-color, #f6f1eb); outline-offset: -3px; }
.icon { width: 22px; height: 22px; flex: none; fill: none; stroke: currentcolor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }

video { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; opacity: 0; }
video[data-front] { opacity: 1; }
.picture { position: absolute; inset: 0; padding: 0; border: 0; background: none; color: inherit; }
.picture[data-small] {
  inset: 12px 12px auto auto; width: min(26%, 240px); aspect-ratio: 16 / 9; border-radius: 10px; overflow: clip; cursor: pointer;
  background: #000; box-shadow: 0 2px 14px rgb(0 0 0 / 45%); z-index: 1;
}
.picture[data-small] video { object-fit: cover; }

.message {
  position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 6px; padding: 16px; text-align: center; z-index: 2;
  background: color-mix(in srgb, var(--roomcast-background, #191614) 78%, transparent);
}
.message p { margin: 0; max-width: 46ch; text-wrap: balance; overflow-wrap: anywhere; }
.title { font-size: 1.15rem; font-weight: 650; }
.text { opacity: 0.82; }
.spinner { width: 26px; height: 26px; margin-bottom: 6px; border: 3px solid currentcolor; border-right-color: transparent; border-radius: 50%; opacity: 0.75; animation: turn 1.1s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
.calm { display: flex; align-items: center; gap: 8px; }
.only { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 8px; opacity: 0.85; }
.only .icon { width: 44px; height: 44px; }

button { font: inherit; color: inherit; cursor: pointer; touch-action: manipulation; }
:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; }
.pill {
  display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; padding: 8px 18px; border: 0; border-radius: 99px;
  background: var(--roomcast-accent, #d4401f); color: var(--roomcast-on-accent, #fff); font-weight: 650;
}
.retry { margin-top: 10px; }
.tap { position: absolute; z-index: 3; left: 50%; top: 50%; translate: -50% -50%; box-shadow: 0 4px 18px rgb(0 0 0 / 40%); white-space: nowrap; }
.live { position: absolute; z-index: 1; top: 12px; left: 12px; padding: 1px 9px; border-radius: 99px; background: var(--roomcast-accent, #d4401f); color: var(--roomcast-on-accent, #fff); font-size: 0.75rem; font-weight: 700; }

.bar {
  position: absolute; z-index: 3; inset: auto 0 0 0; display: flex; align-items: center; gap: 4px; padding: 22px 8px 6px;
  background: linear-gradient(transparent, rgb(0 0 0 / 65%)); color: #fff; opacity: 0; transition: opacity 140ms ease-out;
}
:host(:hover) .bar, .frame:focus-visible .bar, .bar:has(:focus-visible) { opacity: 1; }
@media (hover: none) { .bar { opacity: 1; } }
.bar button { display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 50%; background: none; }
.bar button:hover { background: rgb(255 255 255 / 16%); }
.bar input { width: 96px; min-width: 40px; accent-color: #fff; }
.space { flex: 1; }
@container player (width <= 340px) {
  .bar input { display: none; }
  .text { font-size: 0.85rem; }
}
@container player (height <= 170px) {
  .spinner { display: none; }
  .title { font-size: 1rem; }
  .text { font-size: 0.8rem; line-height: 1.3; }
}
@media (prefers-reduced-motion: reduce) {
  .spinner { animation-duration: 4s; }
  .bar { transition: none; }
}
`;

/** @type {CSSStyleSheet | null} */
let sheet = null;

/** One sheet for all players of a page. */
export function style() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(TEXT);
  }
  return sheet;
}
