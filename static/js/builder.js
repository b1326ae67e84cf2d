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

// Questions can be dragged to where they belong, and choices by their handles; the buttons do the same.
const DRAGGED = { "[data-question]": "place", "[data-option]": "option_place" };
let dragged = null;
let kind = "";
document.addEventListener("dragstart", (event) => {
  dragged = null;
  if (!event.target.draggable) return; // words that were marked
  kind = Object.keys(DRAGGED).find((one) => event.target.closest(one)) ?? "";
  dragged = kind && event.target.closest(kind);
  if (dragged) {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.question ?? dragged.dataset.option);
    event.dataTransfer.setDragImage(dragged, 0, 0);
  }
});
const isOver = (event) => (dragged ? event.target.closest?.(kind) : null);
document.addEventListener("dragover", (event) => {
  if (isOver(event)) {
    event.preventDefault();
  }
});
document.addEventListener("drop", (event) => {
  const over = isOver(event);
  if (!over || over === dragged) {
    return;
  }
  event.preventDefault();
  const button = document.getElementById("place");
  const name = dragged.dataset.question ?? dragged.dataset.option;
  button.value = `${DRAGGED[kind]}:${name}:${[...over.parentElement.children].indexOf(over)}`;
  dragged = null;
  button.click();
});
document.addEventListener("dragend", () => (dragged = null));
