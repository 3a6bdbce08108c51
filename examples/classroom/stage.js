/** The pictures and voices of everyone on stage, one element for each publication. */

export class Stage {
  #place;
  #room;
  /** Elements by publication. */
  #shown = new Map();
  #tracks = new Map();

  constructor(place, room) {
    this.#place = place;
    this.#room = room;
    room.addEventListener('tracks', ({ detail }) => {
      this.#tracks = detail;
      this.render();
    });
    for (const event of ['change', 'sent']) room.addEventListener(event, () => this.render());
  }

  render() {
    const wanted = this.#wanted();
    for (const [publication, element] of this.#shown) {
      if (wanted.has(publication)) continue;
      element.remove();
      this.#shown.delete(publication);
    }
    for (const [publication, what] of wanted) this.#show(publication, what);
  }

  /** What is to be seen and heard: the others by what arrives, oneself by one's own camera. */
  #wanted() {
    const { me, room } = this.#room.state;
    const wanted = new Map();
    for (const { participant, name, publications } of room?.stage ?? []) {
      for (const { publication, source } of publications) {
        const own = participant === me?.participant;
        const track = own ? this.#room.publisher.sent.get(source)?.track : this.#tracks.get(publication);
        if (track && !(own && track.kind === 'audio')) wanted.set(publication, { track, source, name });
      }
    }
    return wanted;
  }

  #show(publication, { track, source, name }) {
    const element = this.#shown.get(publication) ?? this.#make(publication, track, source);
    const media = element.querySelector('video') ?? element;
    const caption = element.querySelector('figcaption');
    if (caption) caption.textContent = name;
    if (media.srcObject?.getTracks()[0] === track) return;
    media.srcObject = new MediaStream([track]);
    media.play().catch(() => {});
    // The node ends the other way to this picture when it knows that this one is seen.
    media.requestVideoFrameCallback?.(() => this.#room.shown(track));
  }

  #make(publication, track, source) {
    const element = document.createElement(track.kind === 'audio' ? 'audio' : 'figure');
    if (track.kind === 'video') {
      const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
      element.dataset.source = source;
      element.append(video, document.createElement('figcaption'));
    }
    this.#shown.set(publication, element);
    if (source === 'screen') this.#place.prepend(element);
    else this.#place.append(element);
    return element;
  }
}
