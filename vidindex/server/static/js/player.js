// The player: a <video> element, or the player of another site, which is loaded only when the visitor presses play.

import { FramePlayer, VimeoPlayer, YouTubePlayer, urlAt } from "./frame_players.js";
import { OwnClock } from "./own_clock.js";
import { formatClock } from "./player_note.js";

const REPORT_INTERVAL_MS = 80;
const LOADING_MS = 5000;
const MEDIA_ERRORS = {
  2: "The connection failed while the video was loading.",
  3: "The media file is damaged, or this browser cannot decode it.",
  4: "The media file cannot be loaded, or this browser cannot play its format.",
};

/**
 * Return the player in *figure*. *events* are the functions `onTime` (milliseconds), `onRate` and `say`, and `lengthMs`;
 * *note* is shown if the player does not play.
 */
export function createPlayer(figure, events, note) {
  const video = figure.querySelector("video");
  if (video) return new FilePlayer(video, events, note);
  const poster = figure.querySelector("a[data-player-url]");
  return poster ? new PosterPlayer(figure, poster, events, note) : new SilentPlayer(figure, events, note);
}

/** A <video> element. If it fails, a clock of our own moves the transcript. */
class MediaPlayer {
  canControl = true;

  constructor(video, events) {
    this.video = video;
    this.events = events;
    this.clock = new OwnClock(events.onTime, events.lengthMs);
    for (const name of ["timeupdate", "seeked", "seeking"]) video.addEventListener(name, () => this.report());
    video.addEventListener("playing", () => this.reportWhilePlaying());
    video.addEventListener("ratechange", () => this.onRateChange());
    video.addEventListener("loadedmetadata", () => this.onLoaded());
    video.addEventListener("error", () => this.onError());
  }

  get isReady() {
    return this.video.readyState > 0;
  }

  get isPlaying() {
    return this.isMute ? this.clock.isRunning : !this.video.paused;
  }

  get ms() {
    return this.isMute ? this.clock.ms : Math.round(this.video.currentTime * 1000); // 15.29 s may be 15289.999… ms
  }

  get rate() {
    return this.isMute ? this.clock.rate : this.video.playbackRate;
  }

  report() {
    if (!this.isMute) this.events.onTime(this.ms);
  }

  reportWhilePlaying() {
    if (this.video.paused) return;
    this.report();
    setTimeout(() => requestAnimationFrame(() => this.reportWhilePlaying()), REPORT_INTERVAL_MS);
  }

  onLoaded() {
    if (!this.isMute) return this.events.onReady?.();
    const wasRunning = this.clock.isRunning;
    this.clock.stop();
    this.isMute = false;
    this.seek(this.clock.ms, { play: wasRunning });
    this.events.onReady?.();
  }

  onError() {
    this.events.onFail?.(MEDIA_ERRORS[this.video.error?.code] ?? "The video cannot be played.");
  }

  onRateChange() {
    if (this.video.playbackRate !== this.lastRate) this.events.onRate(this.video.playbackRate);
    this.lastRate = this.video.playbackRate;
  }

  giveUp(ms = this.video.currentTime * 1000) {
    if (this.isMute) return;
    this.isMute = true;
    this.clock.set(ms);
  }

  seek(ms, { play = true } = {}) {
    if (this.isMute) {
      this.clock.set(ms);
      this.events.onTime(ms);
    } else {
      this.video.currentTime = ms / 1000;
    }
    if (play) this.play();
  }

  play() {
    if (this.isMute) this.clock.start();
    else this.video.play().catch(() => {}); // browsers may block autoplay
  }

  pause() {
    if (this.isMute) this.clock.stop();
    else this.video.pause();
  }

  setRate(rate) {
    if (!this.isMute) return (this.video.playbackRate = rate);
    this.clock.setRate(rate);
    this.events.onRate(rate);
  }
}

/** A media file of this server. */
class FilePlayer extends MediaPlayer {
  constructor(video, events, note) {
    super(video, {
      ...events,
      onReady: () => note.hide(),
      onFail: (reason) => {
        note.show(`${reason} The transcript moves without it.`, () => this.retry());
        this.giveUp(this.startMs());
      },
    });
    this.note = note;
    if (video.error) this.onError();
    video.addEventListener("play", () => this.expectToLoad());
  }

  startMs() {
    return this.video.currentTime * 1000 || Number(this.video.closest("[data-start-ms]").dataset.startMs);
  }

  expectToLoad() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.isReady && !this.isMute) this.events.onFail("The video has not loaded yet.");
    }, LOADING_MS);
  }

  retry() {
    this.note.hide();
    const { ms } = this;
    this.clock.stop();
    this.isMute = false;
    this.video.load();
    this.seek(ms);
  }
}

/** The player of another site: a poster until the visitor presses play. */
class PosterPlayer {
  constructor(figure, poster, events, note) {
    this.figure = figure;
    this.poster = poster;
    this.events = events;
    this.note = note;
    this.startMs = Number(figure.closest("[data-start-ms]").dataset.startMs);
    poster.addEventListener("click", (event) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.play();
    });
  }

  get isWaiting() {
    return !this.player;
  }

  get isPlaying() {
    return this.player?.isPlaying ?? false;
  }

  get canControl() {
    return this.player?.canControl ?? true;
  }

  get isEstimated() {
    return this.player?.isEstimated ?? false;
  }

  get ms() {
    return this.player?.ms ?? this.startMs;
  }

  get rate() {
    return this.player?.rate ?? 1;
  }

  /** Before the visitor presses play, nothing is loaded from other sites: only the start time changes. */
  seek(ms, options) {
    if (this.player) return this.player.seek(ms, options);
    this.startMs = ms;
    const label = this.poster.querySelector(".number");
    if (label) label.textContent = formatClock(ms);
    if (this.note.hrefTemplate) this.poster.href = this.note.hrefAt(ms);
    this.events.onTime(ms);
  }

  play() {
    if (this.player) this.player.play();
    else this.load(this.poster);
  }

  pause() {
    this.player?.pause();
  }

  setRate(rate) {
    this.player?.setRate?.(rate);
  }

  load(replaced) {
    const { kind } = this.figure.dataset;
    const Player = { media: RemoteMediaPlayer, youtube: YouTubePlayer, vimeo: VimeoPlayer }[kind] ?? FramePlayer;
    const events = { ...this.events, onReady: () => this.onReady(), onFail: (reason) => this.onFail(reason) };
    this.player = new Player(this.poster.dataset.playerUrl, this.startMs, events);
    replaced.replaceWith(this.player.element);
    this.figure.focus({ preventScroll: true }); // not the frame, which would take all keys
    this.timer = setTimeout(() => this.onTimeout(), LOADING_MS);
  }

  onReady() {
    clearTimeout(this.timer);
    this.note.hide();
  }

  onTimeout() {
    if (!this.player.isReady) this.onFail(`The player of ${new URL(this.player.element.src).host} has not loaded.`);
  }

  onFail(reason) {
    clearTimeout(this.timer);
    this.player.giveUp();
    this.player.play();
    this.note.show(`${reason} The transcript moves without it.`, () => this.retry());
  }

  retry() {
    this.note.hide();
    this.startMs = this.player.ms;
    const old = this.player;
    this.load(old.element);
    old.remove();
  }
}

class RemoteMediaPlayer extends MediaPlayer {
  constructor(urlTemplate, startMs, events) {
    const video = Object.assign(document.createElement("video"), { controls: true, autoplay: true, playsInline: true });
    video.src = urlAt(urlTemplate, startMs);
    super(video, events);
    this.startMs = startMs;
    this.element = video;
  }

  giveUp() {
    super.giveUp(this.video.currentTime * 1000 || this.startMs);
  }

  remove() {
    this.clock.stop();
    this.video.remove();
  }
}

/** No player: a jump moves the transcript, and the link to the original page. */
class SilentPlayer {
  isPlaying = false;
  canControl = false;
  isSilent = true;
  rate = 1;

  constructor(figure, events, note) {
    this.events = events;
    this.note = note;
    this.poster = figure.querySelector("a.poster");
    this.ms = Number(figure.closest("[data-start-ms]").dataset.startMs);
  }

  seek(ms) {
    this.ms = ms;
    const label = this.poster?.querySelector(".number");
    if (label) {
      label.textContent = formatClock(ms);
      this.poster.href = this.note.hrefAt(ms);
    }
    this.events.onTime(ms);
  }

  play() {
    if (this.poster) this.poster.focus();
    else this.events.say("This video cannot be played here");
  }

  pause() {}

  setRate() {}
}
