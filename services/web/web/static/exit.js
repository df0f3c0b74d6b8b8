// Leaves at once: the link, or Escape three times, replaces this page in the history and shows a neutral one.
"use strict";
(() => {
  const link = document.querySelector("[data-exit]");
  const pressed = [];
  const leave = () => {
    document.body.hidden = true;
    sessionStorage.clear();
    document.title = " ";
    history.replaceState(null, "", "/");
    location.replace(link.href);
  };
  link.addEventListener("click", (event) => { event.preventDefault(); leave(); });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) { pressed.length = 0; return; }
    const now = performance.now();
    pressed.push(now);
    while (now - pressed[0] > 3000) pressed.shift();
    if (pressed.length >= 3) leave();
  });
  // Whoever comes back by "Back" sees nothing of the page as the browser kept it.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
})();
