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

form.addEventListener("change", (event) => {
  const changed = event.target;
  // Whoever chooses "something else" can write at once.
  const more = changed.name === "answer" && changed.checked && changed.parentNode.querySelector(".more");
  if (more) {
    more.focus();
  }
  // "None of these" and the others put each other out.
  if (changed.type === "checkbox" && changed.name === "answer" && changed.checked) {
    const alone = "alone" in changed.dataset;
    form.querySelectorAll("[name=answer]:checked").forEach((other) => {
      if (other !== changed && (alone || "alone" in other.dataset)) {
        other.checked = false;
      }
    });
  }
});
