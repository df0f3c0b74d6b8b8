// One camera, live: hls.js plays what the pass opens; the pass is renewed each minute, and the view ends with the page.
"use strict";
(() => {
  const stage = document.querySelector("[data-live]");
  const video = stage.querySelector("video");
  const said = stage.querySelector("[data-said]");
  const clock = stage.querySelector("[data-clock]");
  const { origin, camera, passes, ended, waits } = stage.dataset;
  let path = stage.dataset.path;
  let isOver = false;
  const UNPLAYABLE = [Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR, Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR];

  const say = (text) => { said.textContent = text; said.hidden = !text; };
  // A browser that does not play the format is shown pictures instead, as the gateway draws them.
  const pictures = () => {
    const picture = new Image();
    picture.alt = video.getAttribute("aria-label");
    picture.onload = () => say("");
    video.replaceWith(picture);
    const next = () => { if (!isOver) picture.src = `${origin}${path}/picture.jpg?${Date.now()}`; };
    setInterval(next, 2000);
    next();
  };
  const tick = () => { clock.textContent = new Date().toLocaleString("uk-UA"); };
  const over = () => { isOver = true; hls.destroy(); video.removeAttribute("src"); say(ended); };

  const hls = new Hls({
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1.1,
    backBufferLength: 10,
    enableWorker: false,
    xhrSetup(request, url) {
      request.open("GET", url.replace(/\/live\/[^/]+\/[^/]+/, path), true);
      request.withCredentials = true;
    },
  });

  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (isOver || !trouble.fatal) return;
    if (trouble.response && trouble.response.code === 410) { over(); return; }
    if (UNPLAYABLE.includes(trouble.details)) { hls.destroy(); pictures(); return; }
    say(waits);
    setTimeout(() => { if (!isOver) hls.loadSource(`${origin}${path}/main/index.m3u8`); }, 2000);
  });
  hls.on(Hls.Events.FRAG_BUFFERED, () => say(""));

  async function renew() {
    try {
      const answer = await fetch(passes);
      if (!answer.ok) { over(); return; }
      const mine = (await answer.json()).tiles.find((tile) => tile.id === camera);
      if (mine) path = mine.path; else over();
    } catch { /* the line is down: the pass is good for another minute */ }
  }

  setInterval(tick, 1000);
  setInterval(() => { if (!isOver) renew(); }, 60000);
  tick();
  addEventListener("pagehide", () => {
    const form = document.querySelector("[data-end]");
    if (!isOver) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
  });
  if (!path) over();
  else if (!Hls.isSupported()) pictures();
  else { hls.loadSource(`${origin}${path}/main/index.m3u8`); hls.attachMedia(video); }
})();
