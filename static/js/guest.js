// What makes the guest's page smoother; without it, everything still works.
"use strict";

const form = document.getElementById("answers");

// A double tap sends once. Coming back by the browser's button frees the form again.
form.addEventListener("submit", (event) => {
  if (form.classList.contains("sending")) {
    event.preventDefault();
    return;
  }
  form.classList.add("sending");
});
window.addEventListener("pageshow", () => form.classList.remove("sending"));

// Whoever chooses "something else" can write at once.
form.addEventListener("change", (event) => {
  const more = event.target.type === "radio" && event.target.parentNode.querySelector(".more");
  if (more) {
    more.focus();
  }
});
