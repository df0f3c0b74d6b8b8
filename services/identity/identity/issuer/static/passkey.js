// A passkey is made or used by the browser alone; this hands it the question and sends its answer as a form.
"use strict";
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const question = (options, kind) => {
    const asked = { ...options, challenge: bytes(options.challenge) };
    if (kind === "create") asked.user = { ...options.user, id: bytes(options.user.id) };
    for (const list of ["excludeCredentials", "allowCredentials"]) {
      if (options[list]) asked[list] = options[list].map((each) => ({ ...each, id: bytes(each.id) }));
    }
    return { publicKey: asked };
  };

  const answer = (key) => {
    const response = { clientDataJSON: text(key.response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (key.response[part]) response[part] = text(key.response[part]);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    const kind = form.dataset.passkey;
    const trouble = form.querySelector("[data-trouble]");
    const missing = document.querySelector("[data-without-script]");
    if (missing) missing.hidden = true;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      trouble.hidden = true;
      try {
        const key = await navigator.credentials[kind](question(JSON.parse(form.dataset.options), kind));
        form.elements.answer.value = answer(key);
        HTMLFormElement.prototype.submit.call(form);
      } catch {
        trouble.hidden = false;
        trouble.focus();
      }
    });
  }
})();
