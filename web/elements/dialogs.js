/** The small dialogs: a name, a host key, a confirmation, the keys. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { SHORTCUTS } from '../shortcuts.js';
import { DialogView } from './dialog.js';

/** @import { Key } from '../i18n.js' */
/** @import { State } from '../store.js' */

/** Characters of a name, as the node counts them. */
const MAX_NAME = 64;

class NameDialog extends DialogView {
  /** @override */
  name = 'name';

  /** @override */
  heading() {
    return t('name.title');
  }

  /** @override @param {State} state */
  content({ room }) {
    const input = h('input', { id: 'display-name', type: 'text', maxlength: MAX_NAME, autocomplete: 'nickname', required: true, autofocus: true, value: room.me?.name ?? '' });
    const save = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (input.value.trim()) this.finish('rename', { name: input.value.trim() });
    };
    return [h('form', { class: 'stack', onsubmit: save },
      h('label', { for: 'display-name' }, t('name.label')), input,
      h('button', { id: 'save-name', class: 'button primary' }, t('name.save')))];
  }
}
customElements.define('rc-name-dialog', NameDialog);

class HostKeyDialog extends DialogView {
  /** @override */
  name = 'host-key';

  /** @override */
  heading() {
    return t('host-key.title');
  }

  /** @override */
  content() {
    const input = h('input', { id: 'host-key', type: 'text', required: true, autofocus: true, autocomplete: 'off', spellcheck: 'false' });
    const use = (/** @type {Event} */ event) => {
      event.preventDefault();
      // A whole host link is taken as well.
      const key = decodeURIComponent(/#host=(.+)$/.exec(input.value)?.[1] ?? input.value).trim();
      if (key) this.finish('use-host-key', { key });
    };
    return [h('form', { class: 'stack', onsubmit: use },
      h('label', { for: 'host-key' }, t('host-key.label')), input,
      h('p', { class: 'hint' }, t('host-key.hint')),
      h('button', { id: 'use-host-key', class: 'button primary' }, t('host-key.use')))];
  }
}
customElements.define('rc-host-key-dialog', HostKeyDialog);

/** Question, explanation and button of each. @type {Record<string, [Key, Key, Key]>} */
const QUESTIONS = {
  end: ['confirm.end', 'confirm.end-text', 'confirm.end-do'],
  'end-call': ['confirm.end-call', 'confirm.end-call-text', 'confirm.end-call-do'],
  'renew-key': ['confirm.renew-key', 'confirm.renew-key-text', 'confirm.renew-key-do'],
  remove: ['confirm.remove', 'confirm.remove-text', 'confirm.remove-do'],
};

class ConfirmDialog extends DialogView {
  /** @override */
  name = 'confirm';

  /** @override @param {State} state */
  heading({ dialog }) {
    const { what, params } = dialog?.data ?? {};
    return t((QUESTIONS[what] ?? QUESTIONS.remove)[0], params);
  }

  /** @override @param {State} state */
  content({ dialog }) {
    const { what, params, ask, detail } = dialog?.data ?? {};
    const [, text, act] = QUESTIONS[what] ?? QUESTIONS.remove;
    return [
      h('p', {}, t(text, params)),
      h('div', { class: 'sheet-actions' },
        h('button', { class: 'button', type: 'button', autofocus: true, onclick: () => this.dialog.close() }, t('dialog.cancel')),
        h('button', { id: 'confirm', class: 'button primary', type: 'button', onclick: () => this.finish(ask, detail) }, t(act))),
    ];
  }
}
customElements.define('rc-confirm-dialog', ConfirmDialog);

class HelpDialog extends DialogView {
  /** @override */
  name = 'help';

  /** @override */
  heading() {
    return t('help.title');
  }

  /** @override */
  content() {
    return [h('dl', { class: 'keys' }, ...SHORTCUTS.flatMap(([key, text]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, t(text))]))];
  }
}
customElements.define('rc-help-dialog', HelpDialog);
