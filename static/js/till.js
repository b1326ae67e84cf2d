// The till without waiting: the next field has the focus, scans land in it, and a lost connection loses nothing.
(() => {
  "use strict";
  const typing = "input, select, textarea, [contenteditable]";
  const offline = document.querySelector("[data-offline]");
  const live = document.querySelector("[data-live]");

  const ready = () => {
    const field = document.querySelector("#till [data-focus]");
    const said = document.querySelector("#till [data-announce]");
    const wrong = document.querySelector('#till [aria-invalid="true"]');
    if (wrong || field) {
      (wrong || field).focus({ preventScroll: true });
      (wrong || field).select?.();
    }
    if (said) {
      live.textContent = said.innerText;
      window.setTimeout(() => { live.textContent = ""; }, 1000); // said once; whoever reads on finds it on the page
    }
  };

  // A scanner is a keyboard: what it types while no field has the focus belongs to the code.
  document.addEventListener("keydown", (event) => {
    const plain = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (plain && !event.target.closest(typing)) document.querySelector("#till [data-focus]")?.focus();
  });

  // With the swap, not after it: a key pressed in between would be selected, and so lost to the next one.
  document.addEventListener("htmx:afterSwap", ready);
  document.addEventListener("htmx:beforeRequest", () => { offline.hidden = true; });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => { offline.hidden = false; });
  }
  // Refused as such, since somebody logged in anew in another tab, say: pressing again would not help, a fresh page does.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status < 500) window.location.reload();
    else offline.hidden = false;
  });
  // Logged out meanwhile: the answer is another page, so go there.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400 && !xhr.responseText.includes('id="till"')) {
      event.detail.shouldSwap = false;
      window.location.assign(xhr.responseURL);
    }
  });
  ready();
})();
