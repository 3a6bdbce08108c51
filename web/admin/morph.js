/**
 * Makes what stands in the page like what is wanted, and leaves alone what is so already: the focus, a
 * selection, what was typed, and a picture that plays stay.
 *
 * `data-key` finds an element again wherever it went to; one with `data-own` is left to itself.
 */

/** @param {Element} parent @param {readonly Node[]} wanted   made for this and given away */
export function morph(parent, wanted) {
  const keyed = new Map([...parent.children].flatMap((child) => (keyOf(child) ? [[keyOf(child), child]] : [])));
  let at = parent.firstChild;
  for (const node of wanted) {
    const old = keyOf(node) ? (keyed.get(keyOf(node)) ?? null) : at && !keyOf(at) ? at : null;
    if (!old || !alike(old, node)) {
      parent.insertBefore(node, at);
    } else {
      if (old === at) at = at.nextSibling;
      else parent.insertBefore(old, at);
      update(old, node);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/** @param {Node} old @param {Node} node */
function update(old, node) {
  if (old instanceof Element && node instanceof Element) {
    if (old.hasAttribute('data-own')) return;
    attributes(old, node);
    morph(old, [...node.childNodes]);
    control(old, node);
  } else if (old.nodeValue !== node.nodeValue) {
    old.nodeValue = node.nodeValue;
  }
}

/** @param {Element} old @param {Element} node */
function attributes(old, node) {
  for (const { name } of [...old.attributes]) {
    // Whether it is open is for the person to say.
    if (!node.hasAttribute(name) && !(old.localName === 'details' && name === 'open')) old.removeAttribute(name);
  }
  for (const { name, value } of [...node.attributes]) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

/** Switches and choices show what holds; what is being typed stays. @param {Element} old @param {Element} node */
function control(old, node) {
  if (!old.hasAttribute('data-change')) return;
  if (old instanceof HTMLInputElement && node instanceof HTMLInputElement && old.type === 'checkbox') old.checked = node.checked;
  if (old instanceof HTMLSelectElement && node instanceof HTMLSelectElement && old !== document.activeElement) old.value = node.value;
}

/** @param {Node} one @param {Node} other */
function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName;
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof Element ? node.getAttribute('data-key') : null;
}
