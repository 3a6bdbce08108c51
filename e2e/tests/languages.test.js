import assert from 'node:assert/strict';
import { behaviour } from '../support/scene.js';

behaviour('the page speaks the browser’s language', async (scene) => {
  const node = await scene.node();
  const browser = await scene.chromium();
  for (const [locale, lang, goLive] of [['en-GB', 'en', /^Go live$/], ['zh-CN', 'zh-Hans', /[开始直播]+/], ['zh-TW', 'zh-Hant', /[開始直播]+/], ['fr-FR', 'en', /^Go live$/]]) {
    const person = await scene.person('Ann', { browser, context: { locale: String(locale) } });
    await person.open(node.local);
    assert.equal(await person.page.locator('html').getAttribute('lang'), lang);
    assert.match((await person.page.locator('#go-live').textContent()) ?? '', /** @type {RegExp} */ (goLive));
  }
});
