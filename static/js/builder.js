// What makes editing a survey smoother; without it, everything still works by its buttons.
"use strict";

// A choice that brings other fields is sent at once.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-reshape]")) {
    document.getElementById("save").click();
  }
});

// What saved itself was too late: somebody else has changed the survey, and the page says so once it is sent as a whole.
document.addEventListener("late", () => document.getElementById("save").click());

// Questions can be dragged to where they belong.
let dragged = null;
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest ? event.target.closest("[data-question]") : null;
  if (dragged) {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.question);
  }
});
document.addEventListener("dragover", (event) => {
  if (dragged && event.target.closest("[data-question]")) {
    event.preventDefault();
  }
});
document.addEventListener("drop", (event) => {
  const over = event.target.closest("[data-question]");
  if (!dragged || !over || over === dragged) {
    return;
  }
  event.preventDefault();
  const button = document.getElementById("place");
  button.value = `place:${dragged.dataset.question}:${[...over.parentElement.children].indexOf(over)}`;
  dragged = null;
  button.click();
});
