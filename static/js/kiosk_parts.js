// Small parts of the tablet's page that know nothing of its state.

import { el, fill } from "./kiosk_form.js";
import { isLeftOut } from "./kiosk_rules.js";

export function couponCard(coupon, said, language) {
  const small = [
    coupon.least && fill(said.least, { amount: coupon.least[language] }),
    coupon.until && fill(said.until, { day: coupon.until[language] }),
    said.once, said.picture,
  ];
  return el("section", { class: "coupon", "aria-label": said.coupon },
    el("p", { class: "worth" }, coupon.worth[language]),
    el("div", { class: "qr" }, el("img", { src: coupon.qr, alt: said.qr })),
    el("p", { class: "code" }, coupon.code),
    el("p", { class: "help" }, small.filter(Boolean).join(" ")));
}

// Has the coupon sent where the guest types, or where the guest left an address: one request until it is taken.
export function sendForms(queue, uuid, ways, said) {
  return el("section", { class: "delivery" }, ...ways.map((one) => sendForm(queue, uuid, one, said)));
}

function sendForm(queue, uuid, { way, has_left }, said) {
  let request = newId();
  const [kind, type] = way === "sms" ? ["phone", "tel"] : ["email", "email"];
  const note = el("p", { class: "help", role: "status" });
  const to = el("input", { id: `to-${way}`, type, inputmode: type, autocomplete: "off", maxlength: "128" });
  const send = async (event) => {
    event.preventDefault();
    const isLeft = event.submitter?.value === "left";
    note.textContent = said.sending;
    const answer = await queue.post("send", { uuid, request, way, to: isLeft ? "" : to.value });
    note.textContent = answer.status === 201 ? said[`on_its_way_${way}`] : answer.body?.error?.message ?? said.not_sent;
    if (answer.status === 201) [request, to.value] = [newId(), ""];
  };
  return el("details", {}, el("summary", {}, said[`send_${way}`]),
    el("form", { novalidate: true, autocomplete: "off", submit: send },
      el("label", { class: "field", for: `to-${way}` }, said[kind]), to, el("p", { class: "help" }, said.use),
      el("div", { class: "actions pair" }, el("button", { class: "equal" }, said.send_now),
        has_left && el("button", { class: "equal", value: "left" }, said[`left_${way}`])), note));
}

// What a guest is told of a coupon before the start: that there is one, why there is none, or nothing for who drew none.
export function promiseTo(guest, reward, isOnline, said) {
  const isLeft = isOnline && reward.is_left;
  if (!guest.began) guest.trial = isLeft ? reward.trial : null;
  const isOut = Boolean(guest.trial) && isLeftOut(guest.uuid, guest.trial.percent);
  guest.isPromised = isLeft && !isOut;
  if (isOut) return null;
  return isLeft ? said.promise : isOnline ? said.none_left : said.none_offline;
}

// Enough to send a guest back to a slip of the finger; the server knows numbers better.
export function looksRight(kind, typed) {
  const plain = typed.normalize("NFKC").trim();
  if (kind === "email") return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(plain);
  return /^\+?[\d\s().\-/]+$/.test(plain) && /^\d{7,15}$/.test(plain.replace(/\D/g, ""));
}

// crypto.randomUUID is only there over HTTPS.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

export async function keepAwake() {
  if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen").catch(() => {});
}

// Returns the registered worker, if there is one, and says when a newer one has taken over.
export async function installWorker(home, onNewer) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return null;
  if (serviceWorker.controller) serviceWorker.addEventListener("controllerchange", onNewer);
  return serviceWorker.register(`${home}/worker.js`, { scope: home }).catch(() => null);
}

// For how many seconds a guest is warned: 20, fewer where the whole time is short.
export const warnsFrom = (idle) => Math.min(20, idle - 5);

// How long is left before the page starts anew; nothing for 0.
export function showWarning(left, idle = 0, said = {}) {
  const part = (id) => document.getElementById(id);
  const wasHidden = part("warning").hidden;
  part("warning").hidden = !left;
  document.body.toggleAttribute("data-warning", Boolean(left));
  if (!left) part("still").textContent = "";
  if (!left) return;
  if (wasHidden) part("still").textContent = said.still;
  part("left").textContent = fill(said.anew, { seconds: left });
  part("here").textContent = said.here;
  part("rest").max = warnsFrom(idle);
  part("rest").value = left;
}
