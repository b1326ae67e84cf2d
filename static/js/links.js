// Copies a link's address. Without this script, or without leave to write the clipboard, the address can be selected.
"use strict";
if (navigator.clipboard) {
  const status = document.getElementById("copied");
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = button.parentElement.querySelector("[data-copy-text]").textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        return;
      }
      status.textContent = "";
      button.textContent = status.textContent = status.dataset.said;
    });
  }
}
