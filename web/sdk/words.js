/** The words of the player: one catalogue a language, chosen by the page or by the browser. */
import { chooseLanguage } from '../language.js';

/** @typedef {keyof typeof en} Word */

const en = {
  'player': 'Live video of {room}',
  'live': 'Live',
  'sound-on': 'Turn sound on',
  'sound-off': 'Turn sound off',
  'volume': 'Volume',
  'pip': 'Picture in picture',
  'fullscreen': 'Full screen',
  'fullscreen-off': 'Leave full screen',
  'exchange': 'Make this picture large',
  'tap-for-sound': 'Tap for sound',
  'try-again': 'Try again',
  'idle': 'No room was chosen',
  'idle-text': 'This player was not told what to show.',
  'stopped': 'Stopped',
  'stopped-text': 'Nothing is received now.',
  'connecting': 'Connecting…',
  'sound-only': 'Sound only',
  'waiting': 'Nobody is live yet',
  'waiting-text': 'It starts by itself as soon as someone goes live.',
  'waiting-again': 'Nobody is live right now',
  'waiting-full': 'There is no room left right now',
  'waiting-full-text': 'It starts by itself as soon as someone leaves.',
  'waiting-locked': 'The room is locked',
  'waiting-locked-text': 'The host lets nobody else in right now. It goes on by itself.',
  'reconnecting': 'Reconnecting…',
  'trouble-unreachable': 'The server does not answer. Trying again by itself.',
  'trouble-network': 'Your network lets no video through from this server. Try another network, or ask who runs it to allow UDP.',
  'refused': 'You cannot watch this here',
  'refused-token-missing': 'Watching needs a permission. Open it from the page that gives it, or ask the host.',
  'refused-token-invalid': 'The permission to watch does not fit this room. Ask for a new link.',
  'refused-token-expired': 'The permission to watch has run out. Reload the page, or ask for a new link.',
  'refused-forbidden': 'The host does not let you in. Ask them by another way.',
  'refused-browser': 'This browser cannot play live video. Use a current one.',
  'refused-mixed': 'A secure page cannot show video from an insecure address. Use the server’s https address.',
  'refused-other': 'The server refused: {message}',
};

/** @type {Record<Word, string>} */
const zhHans = {
  'player': '{room} 的直播画面',
  'live': '直播中',
  'sound-on': '打开声音',
  'sound-off': '关闭声音',
  'volume': '音量',
  'pip': '画中画',
  'fullscreen': '全屏',
  'fullscreen-off': '退出全屏',
  'exchange': '放大这个画面',
  'tap-for-sound': '点按打开声音',
  'try-again': '重试',
  'idle': '尚未选择房间',
  'idle-text': '没有告诉播放器要播放什么。',
  'stopped': '已停止',
  'stopped-text': '目前没有接收任何内容。',
  'connecting': '正在连接…',
  'sound-only': '只有声音',
  'waiting': '还没有人直播',
  'waiting-text': '有人开播后会自动开始。',
  'waiting-again': '现在没有人直播',
  'waiting-full': '房间已满',
  'waiting-full-text': '有人离开后会自动开始。',
  'waiting-locked': '房间已锁定',
  'waiting-locked-text': '主持人暂时不让其他人进入。之后会自动继续。',
  'reconnecting': '正在重新连接…',
  'trouble-unreachable': '服务器没有回应。正在自动重试。',
  'trouble-network': '你的网络无法从这台服务器接收视频。请换一个网络，或请管理员放行 UDP。',
  'refused': '无法在这里观看',
  'refused-token-missing': '观看需要许可。请从提供许可的页面打开，或询问主持人。',
  'refused-token-invalid': '观看许可不适用于这个房间。请索取新的链接。',
  'refused-token-expired': '观看许可已过期。请刷新页面，或索取新的链接。',
  'refused-forbidden': '主持人不让你进入。请用其他方式联系主持人。',
  'refused-browser': '这个浏览器无法播放直播。请使用新版浏览器。',
  'refused-mixed': '安全页面不能播放来自不安全地址的视频。请使用服务器的 https 地址。',
  'refused-other': '服务器拒绝了请求：{message}',
};

/** @type {Record<Word, string>} */
const zhHant = {
  'player': '{room} 的直播畫面',
  'live': '直播中',
  'sound-on': '開啟聲音',
  'sound-off': '關閉聲音',
  'volume': '音量',
  'pip': '子母畫面',
  'fullscreen': '全螢幕',
  'fullscreen-off': '離開全螢幕',
  'exchange': '放大這個畫面',
  'tap-for-sound': '點按開啟聲音',
  'try-again': '重試',
  'idle': '尚未選擇房間',
  'idle-text': '沒有告訴播放器要播放什麼。',
  'stopped': '已停止',
  'stopped-text': '目前沒有接收任何內容。',
  'connecting': '正在連線…',
  'sound-only': '只有聲音',
  'waiting': '還沒有人直播',
  'waiting-text': '有人開播後會自動開始。',
  'waiting-again': '現在沒有人直播',
  'waiting-full': '房間已滿',
  'waiting-full-text': '有人離開後會自動開始。',
  'waiting-locked': '房間已鎖定',
  'waiting-locked-text': '主持人暫時不讓其他人進入。之後會自動繼續。',
  'reconnecting': '正在重新連線…',
  'trouble-unreachable': '伺服器沒有回應。正在自動重試。',
  'trouble-network': '你的網路無法從這台伺服器接收影像。請換一個網路，或請管理員放行 UDP。',
  'refused': '無法在這裡觀看',
  'refused-token-missing': '觀看需要許可。請從提供許可的頁面開啟，或詢問主持人。',
  'refused-token-invalid': '觀看許可不適用於這個房間。請索取新的連結。',
  'refused-token-expired': '觀看許可已過期。請重新整理頁面，或索取新的連結。',
  'refused-forbidden': '主持人不讓你進入。請用其他方式聯絡主持人。',
  'refused-browser': '這個瀏覽器無法播放直播。請使用新版瀏覽器。',
  'refused-mixed': '安全頁面不能播放來自不安全位址的影像。請使用伺服器的 https 位址。',
  'refused-other': '伺服器拒絕了請求：{message}',
};

/** @type {Record<import('../language.js').Language, Record<Word, string>>} */
export const WORDS = { en, 'zh-Hans': zhHans, 'zh-Hant': zhHant };

/**
 * @param {readonly string[]} languages   the best first
 * @returns {(word: Word, params?: Record<string, string>) => string}
 */
export function speaker(languages) {
  const catalogue = WORDS[chooseLanguage(languages)];
  return (word, params = {}) => catalogue[word].replace(/\{(\w+)\}/g, (_, name) => params[name] ?? '');
}
