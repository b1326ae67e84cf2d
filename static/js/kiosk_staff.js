// The staff's corner of a tablet: behind a PIN, which the tablet also knows without a connection once it was right.

import { el, fill } from "./kiosk_form.js";

const [ROUNDS, MOST_WRONG, LOCKED] = [200_000, 5, 300_000];

// Is the PIN right? Returns "" or the name of the words that say why not.
export async function wrongPin(queue, pin) {
  const said = await queue.post("pin", { pin });
  if (said.status === 200) {
    await learn(queue, pin);
    return "";
  }
  const codes = { no_pin: "pin_none", pin_locked: "pin_locked", wrong_pin: "pin_wrong" };
  const code = codes[said.body?.error?.code];
  return code ?? (said.status === 429 ? "pin_locked" : wrongHere(queue, pin));
}

async function wrongHere(queue, pin) {
  const known = await queue.about("pin");
  if (!known || !globalThis.crypto?.subtle) return "pin_offline";
  const tries = ((await queue.about("tries")) ?? []).filter((at) => at > Date.now() - LOCKED && at <= Date.now());
  if (tries.length >= MOST_WRONG) return "pin_locked";
  await queue.note("tries", [...tries, Date.now()]); // counted before it is looked at
  if ((await digest(pin, known.salt)) !== known.digest) return "pin_wrong";
  await queue.note("tries", []);
  return "";
}

async function learn(queue, pin) {
  if (!globalThis.crypto?.subtle) {
    await queue.note("pin", { digest: null });
    return;
  }
  const salt = crypto.getRandomValues(new Uint8Array(16)).join(" ");
  await queue.note("pin", { salt, digest: await digest(pin, salt) });
  await queue.note("tries", []);
}

async function digest(pin, salt) {
  const bytes = (text) => new TextEncoder().encode(text);
  const key = await crypto.subtle.importKey("raw", bytes(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)).join(" ");
}

export function pinForm({ queue, said, isFirst, onRight, onBack }) {
  const error = el("p", { class: "error", id: "error", role: "alert", hidden: true });
  const field = el("input", {
    id: "pin", type: "password", inputmode: "numeric", maxlength: "8", autocomplete: "off", "aria-describedby": "error",
  });
  const send = async (event) => {
    event.preventDefault();
    const pin = field.value;
    field.value = "";
    const why = await wrongPin(queue, pin);
    if (!why) return onRight();
    error.textContent = said[why];
    error.hidden = false;
    field.focus();
  };
  return el("form", { class: "step", submit: send },
    el("h1", { id: "question", tabindex: "-1" }, el("label", { for: "pin" }, said.pin)),
    isFirst && el("p", { class: "help" }, said.pin_first),
    isFirst && el("p", { class: "help" }, said.begin_help),
    error,
    field,
    el("div", { class: "actions" },
      onBack && el("button", { type: "button", class: "second", click: onBack }, said.return),
      el("button", { class: "primary" }, said.enter)));
}

export function staffScreen({ queue, said, onBack, onLeave }) {
  const { unsent, refused } = queue.counts;
  const save = async () => {
    const link = el("a", { href: URL.createObjectURL(await queue.file()), download: `answers-${new Date().toISOString().slice(0, 16).replace(/\D/g, "-")}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  return el("div", { class: "step" },
    el("h1", { id: "question", tabindex: "-1" }, said.state),
    !queue.isOnline && el("p", { class: "note" }, said.offline),
    queue.memory && el("p", { class: "error" }, said.not_kept),
    el("p", {}, unsent ? fill(said.waiting, { number: unsent }) : refused ? null : said.all_sent),
    refused > 0 && el("p", { class: "error" }, fill(said.needing, { number: refused })),
    unsent + refused > 0 && el("div", { class: "actions" },
      el("button", { type: "button", class: "second", id: "save", click: save }, said.save),
      el("button", { type: "button", class: "second", id: "send", click: () => queue.tryAgain() }, said.send)),
    unsent + refused > 0 && el("p", { class: "help" }, said.save_help),
    el("div", { class: "actions" },
      el("button", { type: "button", class: "second", id: "leave", click: onLeave }, said.leave),
      el("button", { type: "button", class: "primary", id: "return", click: onBack }, said.return)));
}
