// Players of other sites in frames. YouTube's and Vimeo's tell their time and take commands; the time of others is
// estimated by a clock of our own, and so is that of a player that does not answer.

import { OwnClock } from "./own_clock.js";

const SANDBOX = "allow-scripts allow-same-origin allow-popups allow-presentation allow-forms";
const FEATURES = "autoplay; fullscreen; encrypted-media; picture-in-picture";
const STALE_MS = 3000; // after a command, the player may tell what was before it for so long
const NEAR_MS = 2000;

export function urlAt(urlTemplate, ms) {
  return urlTemplate.replaceAll("{s}", String(Math.floor(ms / 1000)));
}

/** A player without an interface: it can only be started at a moment. */
export class FramePlayer {
  canControl = false;
  isEstimated = true;
  isReady = false;

  constructor(urlTemplate, startMs, events) {
    this.urlTemplate = urlTemplate;
    this.events = events;
    this.origin = new URL(urlAt(urlTemplate, startMs)).origin;
    this.clock = new OwnClock(events.onTime, events.lengthMs);
    this.clock.set(startMs);
    this.element = document.createElement("iframe");
    this.element.title = "Player";
    this.element.allow = FEATURES;
    this.element.allowFullscreen = true;
    this.element.referrerPolicy = "strict-origin-when-cross-origin";
    this.element.setAttribute("sandbox", SANDBOX);
    this.element.addEventListener("load", () => this.onLoad());
    this.element.src = this.frameUrl(startMs);
    events.onTime(startMs);
  }

  get ms() {
    return this.clock.ms;
  }

  get isPlaying() {
    return this.clock.isRunning;
  }

  frameUrl(ms) {
    return urlAt(this.urlTemplate, ms);
  }

  onLoad() {
    this.becomeReady();
    this.clock.start();
  }

  becomeReady() {
    if (this.isReady) return;
    this.isReady = true;
    this.events.onReady();
  }

  /** Call this if the player does not answer. */
  giveUp() {
    this.clock.start();
  }

  seek(ms) {
    this.element.src = this.frameUrl(ms);
    this.clock.set(ms);
    this.events.onTime(ms);
  }

  play() {
    this.clock.start();
  }

  pause() {
    this.clock.stop();
  }

  remove() {
    this.clock.stop();
    this.element.remove();
  }
}

/** A player that exchanges messages with this page. */
class TalkingPlayer extends FramePlayer {
  canControl = true;
  isEstimated = false;
  isRunning = true;
  reportedMs = null;
  rate = 1;

  constructor(urlTemplate, startMs, events) {
    super(urlTemplate, startMs, events);
    this.listening = new AbortController();
    addEventListener("message", (event) => this.onEvent(event), { signal: this.listening.signal });
  }

  get ms() {
    return this.reportedMs ?? this.clock.ms;
  }

  get isPlaying() {
    return this.isReady ? this.isRunning : this.clock.isRunning;
  }

  onLoad() {}

  onEvent(event) {
    const { contentWindow } = this.element;
    if (!contentWindow || event.source !== contentWindow || event.origin !== this.origin) return;
    let message;
    try {
      message = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
    } catch {
      return; // not a message of the player's protocol
    }
    if (message && typeof message === "object") this.onMessage(message);
  }

  send(message) {
    this.element.contentWindow?.postMessage(JSON.stringify(message), this.origin);
  }

  becomeReady() {
    if (this.hasFailed) return;
    if (!this.isReady) this.clock.stop();
    super.becomeReady();
  }

  /** The player says that it cannot play: what it says from now on does not count. */
  fail(reason) {
    this.clock.set(this.ms);
    this.hasFailed = true;
    this.isReady = false;
    this.reportedMs = null;
    this.events.onFail(reason);
  }

  report(ms) {
    if (!Number.isFinite(ms) || this.hasFailed) return;
    const isNear = Math.abs(ms - this.reportedMs) <= NEAR_MS;
    if (!isNear && performance.now() < this.staleUntil) return;
    this.staleUntil = 0;
    this.reportedMs = ms;
    this.events.onTime(ms);
  }

  seek(ms, { play = true } = {}) {
    this.clock.set(ms);
    this.jump(ms);
    if (play) this.play();
    if (!this.isReady) return this.events.onTime(ms);
    this.reportedMs = ms;
    this.staleUntil = performance.now() + STALE_MS;
    this.events.onTime(ms);
  }

  play() {
    this.command("play");
    this.expectState(true);
    if (!this.isReady) this.clock.start();
  }

  pause() {
    this.command("pause");
    this.expectState(false);
    if (!this.isReady) this.clock.stop();
  }

  expectState(isRunning) {
    this.isRunning = isRunning;
    this.stateIsStaleUntil = performance.now() + STALE_MS;
  }

  onState(isRunning) {
    if (isRunning !== this.isRunning && performance.now() < this.stateIsStaleUntil) return;
    this.isRunning = isRunning;
    this.stateIsStaleUntil = 0;
  }

  setRate(rate) {
    this.sendRate(rate);
    if (this.isReady) return;
    this.clock.setRate(rate);
    this.onRate(rate);
  }

  onRate(rate) {
    if (!Number.isFinite(rate) || rate === this.rate) return;
    this.rate = rate;
    this.events.onRate(rate);
  }

  remove() {
    this.listening.abort();
    super.remove();
  }
}

const YOUTUBE_ERRORS = {
  100: "YouTube no longer has this video, or it is private.",
  101: "The owner of this video does not allow it to be played on other sites.",
  150: "The owner of this video does not allow it to be played on other sites.",
};

export class YouTubePlayer extends TalkingPlayer {
  onLoad() {
    this.subscribe();
  }

  frameUrl(ms) {
    return `${super.frameUrl(ms)}&origin=${encodeURIComponent(location.origin)}`;
  }

  subscribe(attempts = 20) {
    if (this.isReady || attempts === 0) return;
    this.send({ event: "listening", id: 1, channel: "widget" });
    setTimeout(() => this.subscribe(attempts - 1), 250);
  }

  becomeReady() {
    if (!this.isReady) this.call("addEventListener", ["onError"]);
    super.becomeReady();
  }

  onMessage({ event, info }) {
    if (event === "onError") return this.fail(YOUTUBE_ERRORS[info] ?? "YouTube cannot play this video here.");
    this.becomeReady();
    if (!info || typeof info !== "object") return;
    if (Number.isInteger(info.playerState)) this.onState(info.playerState === 1 || info.playerState === 3);
    this.onRate(info.playbackRate);
    this.report(info.currentTime * 1000);
  }

  call(func, args = []) {
    this.send({ event: "command", func, args });
  }

  command(name) {
    this.call(name === "play" ? "playVideo" : "pauseVideo");
  }

  jump(ms) {
    this.call("seekTo", [ms / 1000, true]);
  }

  sendRate(rate) {
    this.call("setPlaybackRate", [rate]);
  }
}

const VIMEO_EVENTS = ["timeupdate", "play", "pause", "ended", "seeked", "playbackratechange", "error"];

export class VimeoPlayer extends TalkingPlayer {
  onMessage({ event, data }) {
    if (event === "ready") for (const value of VIMEO_EVENTS) this.send({ method: "addEventListener", value });
    if (event === "error" && data?.method === "setPlaybackRate") return this.events.say("This player has one speed");
    if (event === "error") return;
    if (event) this.becomeReady();
    if (event === "play") this.onState(true);
    if (event === "pause" || event === "ended") this.onState(false);
    if (event === "playbackratechange") this.onRate(data?.playbackRate);
    if (event === "timeupdate" || event === "seeked") this.report(data?.seconds * 1000);
  }

  command(name) {
    this.send({ method: name });
  }

  jump(ms) {
    this.send({ method: "setCurrentTime", value: ms / 1000 });
  }

  sendRate(rate) {
    this.send({ method: "setPlaybackRate", value: rate });
  }
}
