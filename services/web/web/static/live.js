// One camera, live: hls.js plays what the pass opens (viewing.js). A gateway that is silent is left for the next address;
// which one is played from, and how far behind, the stage says.
"use strict";
(() => {
  const stage = document.querySelector("[data-live]");
  const video = stage.querySelector("video");
  const clock = stage.querySelector("[data-clock]");
  const { waits } = stage.dataset;
  const origins = stage.dataset.origins.split(" ");
  const HUNGRY = 8000, CALM = 1500, LATER = 1.9;
  let at = 0, movedAt = 0, fedAt = Date.now();
  let isPlaying = false;
  const UNPLAYABLE = [Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR, Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR];

  const view = Viewing(stage, () => { hls.destroy(); video.removeAttribute("src"); });
  // A browser that does not play the format is shown pictures instead, as the gateway draws them.
  const pictures = () => {
    const picture = new Image();
    picture.alt = video.getAttribute("aria-label");
    picture.onload = () => view.say("");
    picture.onerror = () => { at = (at + 1) % origins.length; };
    video.replaceWith(picture);
    const next = () => { if (!view.isOver) picture.src = `${origins[at]}${view.path}/picture.jpg?${Date.now()}`; };
    setInterval(next, 2000);
    next();
  };
  const behind = () => hls.playingDate ? ((Date.now() - hls.playingDate) / 1000).toFixed(1) : "";
  const tick = () => {
    clock.textContent = new Date().toLocaleString("uk-UA");
    stage.dataset.behind = behind();
    if (isPlaying && !view.isOver && Date.now() - fedAt > HUNGRY) elsewhere();
  };

  const hls = new Hls({
    lowLatencyMode: true,
    maxLiveSyncPlaybackRate: 1.1,
    backBufferLength: 10,
    enableWorker: false,
    xhrSetup(request, url) {
      request.open("GET", url.replace(/^.*?\/live\/[^/]+\/[^/]+/, `${origins[at]}${view.path}`), true);
      request.withCredentials = true;
    },
  });

  const load = () => {
    stage.dataset.at = origins[at];
    hls.loadSource(`${origins[at]}${view.path}/main/index.m3u8`);
  };
  function elsewhere() {
    const now = Date.now();
    if (now - movedAt < CALM) return;
    movedAt = fedAt = now;
    at = (at + 1) % origins.length;
    view.say(waits);
    load();
  }

  hls.on(Hls.Events.ERROR, (_, trouble) => {
    if (view.isOver) return;
    const isSilent = trouble.type === Hls.ErrorTypes.NETWORK_ERROR && !(trouble.response && trouble.response.code);
    if (isSilent && origins.length > 1) { elsewhere(); return; }
    if (!trouble.fatal) return;
    if (trouble.response && trouble.response.code === 410) { view.over(); return; }
    if (UNPLAYABLE.includes(trouble.details)) { hls.destroy(); pictures(); return; }
    view.say(waits);
    setTimeout(() => { if (!view.isOver) load(); }, 2000);
  });
  // Whoever began late, or waited, goes on with what is now. As an option it would need a distance of ours beside the
  // one that each camera's playlist asks for.
  hls.on(Hls.Events.LEVEL_LOADED, (_, { details }) => { hls.config.liveMaxLatencyDuration = details.partHoldBack + LATER; });
  hls.on(Hls.Events.FRAG_BUFFERED, () => { fedAt = Date.now(); view.say(""); });

  setInterval(tick, 1000);
  tick();
  if (!view.path) view.over();
  else if (!Hls.isSupported()) pictures();
  else { isPlaying = true; load(); hls.attachMedia(video); }
})();
