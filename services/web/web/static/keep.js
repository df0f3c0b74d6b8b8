"use strict";

// What is typed stays in this tab until it has arrived: a line that breaks or a page left by mistake loses nothing.
// It is gone with the tab, with signing out, and after twelve hours. Passwords and codes are never among it.
const PREFIX = "keep:";
const LASTS = 12 * 60 * 60 * 1000;

function keys() {
  return Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
}

function forget(start) {
  keys().filter((key) => key.startsWith(PREFIX + start)).forEach((key) => sessionStorage.removeItem(key));
}

function remembered(name) {
  const kept = JSON.parse(sessionStorage.getItem(PREFIX + name) || "null");
  return kept && Date.now() - kept.at < LASTS ? kept.fields : [];
}

function isChoice(field) {
  return field.type === "radio" || field.type === "checkbox";
}

function typed(form) {
  const silent = ["hidden", "password", "file", "submit", "button"];
  return [...form.elements].filter((field) => field.name && (field.name === "request_id" || !silent.includes(field.type)));
}

function remember(form) {
  const fields = typed(form).filter((field) => !isChoice(field) || field.checked).map((field) => [field.name, field.value]);
  sessionStorage.setItem(PREFIX + form.dataset.keep, JSON.stringify({at: Date.now(), fields}));
}

// What the page itself brings stands; the rest is filled in. Tells whether there was something a person had typed.
function restore(form) {
  const fields = remembered(form.dataset.keep);
  let restored = false;
  for (const field of typed(form)) {
    const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.name === "request_id") {
      field.value = values[0] || field.value;
    } else if (isChoice(field)) {
      field.checked = field.checked || values.includes(field.value);
    } else if (!field.value && values[0]) {
      field.value = values[0];
      restored = true;
    }
  }
  return restored;
}

function keep(form) {
  const notes = form.querySelector(".keep");
  const [offline, restored] = notes.children;
  restored.hidden = !restore(form);
  restored.querySelector("button").addEventListener("click", () => {
    forget(form.dataset.keep);
    location.reload();
  });
  form.addEventListener("input", () => remember(form));
  form.addEventListener("submit", (event) => {
    remember(form);
    if (!navigator.onLine) {
      event.preventDefault();
      offline.hidden = false;
      notes.scrollIntoView({block: "center"});
    }
  });
  window.addEventListener("online", () => {
    offline.hidden = true;
  });
}

document.querySelectorAll("[data-arrived]").forEach((arrived) => forget(arrived.dataset.arrived));
document.querySelectorAll("form[data-keep]").forEach(keep);
document.querySelectorAll('form[action="/sign-out"]').forEach((form) => form.addEventListener("submit", () => forget("")));
