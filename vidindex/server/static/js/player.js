// The player: a <video> element, or the frame of a provider, which is loaded only when the visitor presses play.

const FRAME_SANDBOX = "allow-scripts allow-same-origin allow-popups allow-presentation allow-forms";
const FRAME_FEATURES = "autoplay; fullscreen; encrypted-media; picture-in-picture";
const REPORT_INTERVAL_MS = 80;

/** Return the player in *figure*, or null; *onTime* is called with the current time in milliseconds. */
export function createPlayer(figure, onTime) {
  const video = figure.querySelector("video");
  if (video) return new MediaPlayer(video, onTime);
  const poster = figure.querySelector("a[data-player-url]");
  return poster ? new PosterPlayer(figure, poster, onTime) : null;
}

class MediaPlayer {
  constructor(video, onTime) {
    this.video = video;
    this.onTime = onTime;
    for (const name of ["timeupdate", "seeked", "seeking"]) video.addEventListener(name, () => this.report());
    video.addEventListener("playing", () => this.reportWhilePlaying());
  }

  get isPlaying() {
    return !this.video.paused;
  }

  report() {
    this.onTime(Math.round(this.video.currentTime * 1000)); // 15.29 s may be 15289.999… ms
  }

  reportWhilePlaying() {
    if (this.video.paused) return;
    this.report();
    setTimeout(() => requestAnimationFrame(() => this.reportWhilePlaying()), REPORT_INTERVAL_MS);
  }

  seek(ms) {
    this.video.currentTime = ms / 1000;
    this.video.play().catch(() => {}); // browsers may block autoplay
  }
}

class PosterPlayer {
  constructor(figure, poster, onTime) {
    this.figure = figure;
    this.poster = poster;
    this.onTime = onTime;
    this.startMs = Number(figure.closest("[data-start-ms]").dataset.startMs);
    poster.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.load();
    });
  }

  get isPlaying() {
    return this.player?.isPlaying ?? false;
  }

  /** Before the visitor presses play, nothing is loaded from other sites: only the start time changes. */
  seek(ms) {
    if (this.player) return this.player.seek(ms);
    this.startMs = ms;
    const label = this.poster.querySelector(".number");
    if (label) label.textContent = formatClock(ms);
    this.onTime(ms);
  }

  load() {
    const { kind } = this.figure.dataset;
    const Player = { media: RemoteMediaPlayer, youtube: YouTubePlayer, vimeo: VimeoPlayer }[kind] ?? FramePlayer;
    this.player = new Player(this.poster.dataset.playerUrl, this.startMs, this.onTime);
    this.poster.replaceWith(this.player.element);
    this.player.element.focus();
  }
}

class RemoteMediaPlayer extends MediaPlayer {
  constructor(urlTemplate, startMs, onTime) {
    const video = Object.assign(document.createElement("video"), { controls: true, autoplay: true, playsInline: true });
    video.src = urlAt(urlTemplate, startMs);
    super(video, onTime);
    this.element = video;
  }
}

class FramePlayer {
  isPlaying = true;

  constructor(urlTemplate, startMs, onTime) {
    this.urlTemplate = urlTemplate;
    this.onTime = onTime;
    this.origin = new URL(urlAt(urlTemplate, startMs)).origin;
    this.element = document.createElement("iframe");
    this.element.title = "Player";
    this.element.allow = FRAME_FEATURES;
    this.element.allowFullscreen = true;
    this.element.referrerPolicy = "strict-origin-when-cross-origin";
    this.element.setAttribute("sandbox", FRAME_SANDBOX);
    this.element.src = this.frameUrl(startMs);
    this.onTime(startMs);
  }

  frameUrl(ms) {
    return urlAt(this.urlTemplate, ms);
  }

  seek(ms) {
    this.element.src = this.frameUrl(ms);
    this.onTime(ms);
  }

  send(message) {
    this.element.contentWindow?.postMessage(JSON.stringify(message), this.origin);
  }

  listen(onMessage) {
    addEventListener("message", (event) => {
      if (event.source !== this.element.contentWindow || event.origin !== this.origin) return;
      try {
        onMessage(typeof event.data === "string" ? JSON.parse(event.data) : event.data);
      } catch {
        // not a message of the player's protocol
      }
    });
  }
}

class YouTubePlayer extends FramePlayer {
  constructor(urlTemplate, startMs, onTime) {
    super(urlTemplate, startMs, onTime);
    this.element.addEventListener("load", () => this.subscribe());
    this.listen((message) => {
      this.isSubscribed = true;
      const time = message?.info?.currentTime;
      if (Number.isFinite(time)) onTime(time * 1000);
    });
  }

  frameUrl(ms) {
    return `${super.frameUrl(ms)}&origin=${encodeURIComponent(location.origin)}`;
  }

  subscribe(attempts = 20) {
    if (this.isSubscribed || attempts === 0) return;
    this.send({ event: "listening", id: 1, channel: "widget" });
    setTimeout(() => this.subscribe(attempts - 1), 250);
  }

  seek(ms) {
    this.send({ event: "command", func: "seekTo", args: [ms / 1000, true] });
    this.send({ event: "command", func: "playVideo", args: [] });
  }
}

class VimeoPlayer extends FramePlayer {
  constructor(urlTemplate, startMs, onTime) {
    super(urlTemplate, startMs, onTime);
    this.listen((message) => {
      if (message?.event === "ready") this.send({ method: "addEventListener", value: "timeupdate" });
      const time = message?.data?.seconds;
      if (message?.event === "timeupdate" && Number.isFinite(time)) onTime(time * 1000);
    });
  }

  seek(ms) {
    this.send({ method: "setCurrentTime", value: ms / 1000 });
    this.send({ method: "play" });
  }
}

function urlAt(urlTemplate, ms) {
  return urlTemplate.replaceAll("{s}", String(Math.floor(ms / 1000)));
}

export function formatClock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const twoDigits = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours
    ? `${hours}:${twoDigits(minutes)}:${twoDigits(seconds % 60)}`
    : `${minutes}:${twoDigits(seconds % 60)}`;
}
