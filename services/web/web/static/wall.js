// A wall: the parts of every tile come over one socket, because a browser has six connections to a host. When the socket
// closes, the next address is asked.
"use strict";
(() => {
  const wall = document.querySelector("[data-wall]");
  const { passes, ended, waits } = wall.dataset;
  const origins = wall.dataset.origins.split(" ");
  const INIT = 0, HEAD = 21, BEHIND = 2.5, KEPT = 10;
  let isOver = false, at = 0;

  class Tile {
    constructor(figure) {
      this.pass = figure.dataset.pass;
      this.isStill = false;
      this.video = figure.querySelector("video");
      this.said = figure.querySelector("[data-said]");
      this.clock = figure.querySelector("[data-clock]");
      this.queue = [];
      this.source = new MediaSource();
      this.video.src = URL.createObjectURL(this.source);
      this.source.addEventListener("sourceopen", () => this.next());
    }
    say(text) { this.said.textContent = text; this.said.hidden = !text; }
    describe(codecs) { if (!this.isStill) this.queue.push({ codecs }); }
    take(isInit, body) { if (this.isStill) return; this.queue.push({ isInit, body }); this.next(); }
    next() {
      if (this.source.readyState !== "open" || !this.queue.length || (this.buffer && this.buffer.updating)) return;
      const { codecs, isInit, body } = this.queue.shift();
      if (codecs) { this.open(`video/mp4; codecs="${codecs}"`); this.next(); return; }
      try { this.buffer.appendBuffer(body); } catch { this.trim(); return; }
      if (!isInit) this.say("");
    }
    // What the browser does not play is shown as pictures, as the gateway draws them.
    pictures() {
      this.isStill = true;
      const picture = new Image();
      picture.alt = this.video.getAttribute("aria-label");
      picture.onload = () => this.say("");
      this.video.replaceWith(picture);
      const next = () => { if (!isOver) picture.src = `${origins[at]}/live/${this.pass}/picture.jpg?${Date.now()}`; };
      setInterval(next, 2000);
      next();
    }
    open(type) {
      if (!MediaSource.isTypeSupported(type)) { this.queue = []; this.pictures(); return; }
      if (this.buffer) {
        this.buffer.changeType(type);
        this.buffer.timestampOffset = this.end();
        return;
      }
      this.buffer = this.source.addSourceBuffer(type);
      this.buffer.addEventListener("updateend", () => { this.follow(); this.next(); });
    }
    end() { const held = this.buffer.buffered; return held.length ? held.end(held.length - 1) : 0; }
    follow() {
      const held = this.buffer.buffered, end = this.end();
      if (!held.length) return;
      const begin = held.start(held.length - 1), at = this.video.currentTime;
      if (at < begin || end - at > BEHIND) this.video.currentTime = Math.max(begin, end - 0.6);
      if (this.video.paused) this.video.play().catch(() => {});
      if (at - held.start(0) > KEPT && !this.buffer.updating) this.trim();
    }
    trim() {
      const until = this.video.currentTime - KEPT / 2;
      if (until > 0 && !this.buffer.updating) this.buffer.remove(0, until);
    }
  }

  const tiles = new Map([...wall.querySelectorAll("[data-tile]")].map((each) => [each.dataset.tile, new Tile(each)]));
  const id = (bytes) => [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  let socket;

  function watch() {
    const wanted = [...tiles.values()].map((tile) => ({ pass: tile.pass, rendition: "sub" }));
    socket.send(JSON.stringify({ watch: wanted }));
  }

  function heard(told) {
    const tile = tiles.get(told.camera);
    if (!tile) return;
    if (told.state === "init") tile.describe(told.codecs);
    else if (told.state === "refused") tile.say(ended);
    else if (told.state === "waiting") tile.say(waits);
  }

  function connect() {
    wall.dataset.at = origins[at];
    socket = new WebSocket(`${origins[at].replace(/^http/, "ws")}/wall`);
    socket.binaryType = "arraybuffer";
    socket.onopen = watch;
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") { heard(JSON.parse(data)); return; }
      const view = new Uint8Array(data);
      const tile = tiles.get(id(view.subarray(1, 17)));
      if (tile) tile.take(view[0] === INIT, view.subarray(HEAD));
    };
    socket.onclose = () => {
      if (isOver) return;
      at = (at + 1) % origins.length;
      setTimeout(connect, at ? 500 : 2000);
    };
  }

  function over() {
    isOver = true;
    socket.close();
    tiles.forEach((tile) => tile.say(ended));
  }

  async function renew() {
    try {
      const answer = await fetch(passes);
      if (answer.status === 410) { over(); return; }
      if (!answer.ok) return;
      for (const each of (await answer.json()).tiles) if (tiles.has(each.id)) tiles.get(each.id).pass = each.pass;
      if (socket.readyState === WebSocket.OPEN) watch();
    } catch { /* the line is down: the passes are good for another minute */ }
  }

  const tick = () => tiles.forEach((tile) => { tile.clock.textContent = new Date().toLocaleString("uk-UA"); });
  setInterval(tick, 1000);
  setInterval(() => { if (!isOver) renew(); }, 60000);
  tick();
  addEventListener("pagehide", () => {
    const form = document.querySelector("[data-end]");
    if (!isOver) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  });
  connect();
})();
