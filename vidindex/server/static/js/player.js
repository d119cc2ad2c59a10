// What plays the video: a <video>, or the frame of a provider, which is loaded only when play is pressed.

const FRAME_RIGHTS = "allow-scripts allow-same-origin allow-popups allow-presentation allow-forms";
const FRAME_ALLOWS = "autoplay; fullscreen; encrypted-media; picture-in-picture";

/** Give what plays in *figure*, or null; *tell* is told each time that it reaches, in milliseconds. */
export function playerIn(figure, tell) {
  const video = figure.querySelector("video");
  if (video) return new Media(video, tell);
  const poster = figure.querySelector("a[data-frame]");
  return poster ? new Poster(figure, poster, tell) : null;
}

class Media {
  constructor(video, tell) {
    this.video = video;
    this.tell = tell;
    for (const name of ["timeupdate", "seeked", "seeking"]) video.addEventListener(name, () => this.report());
    video.addEventListener("playing", () => this.everyFrame());
  }

  get isPlaying() {
    return !this.video.paused;
  }

  report() {
    this.tell(Math.round(this.video.currentTime * 1000)); // 15.29 s may be 15289.999… ms
  }

  everyFrame() {
    if (this.video.paused) return;
    this.report();
    setTimeout(() => requestAnimationFrame(() => this.everyFrame()), 80);
  }

  seek(ms) {
    this.video.currentTime = ms / 1000;
    this.video.play().catch(() => {}); // a browser may want a press of its own first
  }
}

class Poster {
  constructor(figure, poster, tell) {
    this.figure = figure;
    this.poster = poster;
    this.tell = tell;
    this.at = Number(figure.closest("[data-at]").dataset.at);
    poster.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.load();
    });
  }

  get isPlaying() {
    return this.inner?.isPlaying ?? false;
  }

  /** Nothing is loaded from elsewhere before play is pressed: until then only the start moves. */
  seek(ms) {
    if (this.inner) return this.inner.seek(ms);
    this.at = ms;
    const label = this.poster.querySelector(".number");
    if (label) label.textContent = clock(ms);
    this.tell(ms);
  }

  load() {
    const { kind } = this.figure.dataset;
    const address = this.poster.dataset.frame;
    const Kind = { media: RemoteFile, youtube: YouTube, vimeo: Vimeo }[kind] ?? Frame;
    this.inner = new Kind(address, this.at, this.tell);
    this.poster.replaceWith(this.inner.element);
    this.inner.element.focus();
  }
}

class RemoteFile extends Media {
  constructor(address, at, tell) {
    const video = Object.assign(document.createElement("video"), { controls: true, autoplay: true, playsInline: true });
    video.src = timed(address, at);
    super(video, tell);
    this.element = video;
  }
}

class Frame {
  isPlaying = true;

  constructor(address, at, tell) {
    this.address = address;
    this.tell = tell;
    this.origin = new URL(timed(address, at)).origin;
    this.element = document.createElement("iframe");
    this.element.title = "Player";
    this.element.allow = FRAME_ALLOWS;
    this.element.allowFullscreen = true;
    this.element.referrerPolicy = "strict-origin-when-cross-origin";
    this.element.setAttribute("sandbox", FRAME_RIGHTS);
    this.element.src = this.start(at);
    this.tell(at);
  }

  start(at) {
    return timed(this.address, at);
  }

  seek(ms) {
    this.element.src = this.start(ms);
    this.tell(ms);
  }

  send(message) {
    this.element.contentWindow?.postMessage(JSON.stringify(message), this.origin);
  }

  listen(heard) {
    addEventListener("message", (event) => {
      if (event.source !== this.element.contentWindow || event.origin !== this.origin) return;
      try {
        heard(typeof event.data === "string" ? JSON.parse(event.data) : event.data);
      } catch {
        // not of the protocol
      }
    });
  }
}

class YouTube extends Frame {
  constructor(address, at, tell) {
    super(address, at, tell);
    this.element.addEventListener("load", () => this.greet());
    this.listen((message) => {
      this.isHeard = true;
      const time = message?.info?.currentTime;
      if (Number.isFinite(time)) tell(time * 1000);
    });
  }

  start(at) {
    return `${super.start(at)}&origin=${encodeURIComponent(location.origin)}`;
  }

  greet(tries = 20) {
    if (this.isHeard || tries === 0) return;
    this.send({ event: "listening", id: 1, channel: "widget" });
    setTimeout(() => this.greet(tries - 1), 250);
  }

  seek(ms) {
    this.send({ event: "command", func: "seekTo", args: [ms / 1000, true] });
    this.send({ event: "command", func: "playVideo", args: [] });
  }
}

class Vimeo extends Frame {
  constructor(address, at, tell) {
    super(address, at, tell);
    this.listen((message) => {
      if (message?.event === "ready") this.send({ method: "addEventListener", value: "timeupdate" });
      const time = message?.data?.seconds;
      if (message?.event === "timeupdate" && Number.isFinite(time)) tell(time * 1000);
    });
  }

  seek(ms) {
    this.send({ method: "setCurrentTime", value: ms / 1000 });
    this.send({ method: "play" });
  }
}

function timed(address, ms) {
  return address.replaceAll("{s}", String(Math.floor(ms / 1000)));
}

export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}
