// The tablet at the counter: one guest after the other, one question a screen, with or without a connection.
// A guest's answers are in `guest` and on the screen alone, and both are thrown away; what is finished goes to the queue.

import { el, fill, onChange, questionForm, sent } from "./kiosk_form.js";
import { clockOf, isOpenAt, openingInWords } from "./kiosk_hours.js";
import { Queue } from "./kiosk_queue.js";
import { couponCard, installWorker, keepAwake, looksRight, newId, promiseTo, sendForms, showWarning, warnsFrom } from "./kiosk_parts.js";
import { asked, check, PERSONAL, Refused, textKey, validate, withoutUnasked } from "./kiosk_rules.js";
import { pinForm, staffScreen } from "./kiosk_staff.js";

const [HEARTBEAT, COUPON_PATIENCE] = [60_000, 8_000];
const home = document.body.dataset.home;
const page = (id) => document.getElementById(id);
const queue = new Queue(document.body.dataset.token, () => showState());
let [given, guest, screen, language, touchedAt, isOutdated, worker] = [null, null, "", "", 0, false, null];

const said = () => given.words[language];
const now = () => Date.now() + (queue.offset ?? 0);

// ── The screens ──────────────────────────────────────────────────────────────────────────────────────────────────────

function show(name, ...content) {
  screen = name;
  document.body.dataset.screen = name;
  document.documentElement.lang = language;
  document.title = given.business;
  page("screen").replaceChildren(...content.filter(Boolean));
  showState();
  scrollTo(0, 0);
}

function showState() {
  if (!given) return;
  const { unsent, refused } = queue.counts;
  const state = [
    !queue.isOnline && said().offline,
    unsent > 0 && fill(said().unsent, { number: unsent }),
    refused > 0 && fill(said().refused, { number: refused }),
  ].filter(Boolean);
  page("state").textContent = state.join(" · ");
  page("brand").textContent = given.business;
  page("staff").textContent = said().staff;
  const other = given.languages[(given.languages.indexOf(language) + 1) % given.languages.length];
  page("language").hidden = other === language || !["ask", "asleep", "thanks"].includes(screen);
  page("language").lang = other;
  page("language").textContent = other === "en" ? "English" : "中文";
  if (screen === "staff") page("screen").replaceChildren(staff());
}

// The next guest: nothing is left of the last.
function startAnew() {
  if (isOutdated) return location.reload();
  if (guest) queue.waiting.delete(guest.uuid);
  document.activeElement?.blur();
  language = given.languages[0];
  guest = { uuid: newId(), answers: new Map(), contact: { value: "", consent: false }, shownAt: Date.now(), began: false };
  getSelection()?.removeAllRanges();
  showWarning(0);
  showFirst();
  refresh();
}

function showFirst() {
  if (hasEnded()) return show("asleep", el("h1", {}, said().ended));
  if (!isAwake()) {
    const opening = openingInWords(given.hours, given.zone, now(), language);
    return show("asleep", el("h1", {}, said().closed), el("p", { class: "lead" }, fill(said().opens, { opening })));
  }
  guest.shownAt = Date.now();
  ask(asked(given.questions, guest.answers)[0]);
}

const hasEnded = () => !given.is_open || (given.ends_at !== null && now() >= given.ends_at);
const isAwake = () => !hasEnded() && isOpenAt(given.hours, clockOf(given.zone, now()));

function ask(question, error = "", answers = guest.answers) {
  const way = asked(given.questions, guest.answers);
  const number = way.indexOf(question) + 1;
  guest.question = question;
  const seed = `${guest.uuid}:${given.seed}`;
  const parts = questionForm({ given, question, answers, contact: guest.contact, language, seed, error });
  const form = el("form", { class: "step", novalidate: true, autocomplete: "off", change: onChange, submit: onNext }, ...parts, buttons(question, number, way.length));
  const label = fill(said().progress, { number, total: way.length });
  show("ask",
    el("progress", { class: "progress", max: String(way.length), value: String(number), "aria-label": label }),
    number === 1 && promise(), form, number === 1 && el("p", { class: "small" }, said().privacy));
  page(error ? "error" : "question")?.scrollIntoView({ block: "nearest" });
  if (guest.began) (error ? form.querySelector("[aria-invalid], [name=answer]") : page("question"))?.focus({ preventScroll: !error });
}

function promise() {
  const words = given.reward && promiseTo(guest, given.reward, queue.isOnline, said());
  return words && el("p", { class: "note" }, fill(words, { amount: given.reward.worth[language] }));
}

function buttons(question, number, total) {
  const goBack = number > 1 && el("button", { type: "button", class: "second", id: "back", click: back }, said().back);
  if (PERSONAL.has(question.kind)) {
    return el("div", { class: "actions" }, goBack,
      el("button", { class: "equal", id: "with" }, said()[`with_${question.kind}`]),
      el("button", { type: "button", class: "equal", id: "without", click: () => finish(false) }, said().without));
  }
  return el("div", { class: "actions" }, goBack, el("button", { class: "primary", id: "next" }, number === total ? said().finish : said().next));
}

// ── What a guest does ────────────────────────────────────────────────────────────────────────────────────────────────

function readContact() {
  const kind = guest.question.kind;
  if (PERSONAL.has(kind)) guest.contact = { value: page(kind).value, consent: page("consent").checked };
}

// Puts what stands on the screen among the answers; returns what is wrong with it, or nothing.
function take() {
  const question = guest.question;
  try {
    const own = check(question, sent(page("screen").querySelector("form"), question));
    const others = [...guest.answers].filter(([key]) => key !== question.key && key !== textKey(question.key));
    guest.answers = withoutUnasked(given.questions, new Map([...others, ...own]));
    return "";
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    return question.errors[language][refused.message] ?? refused.message;
  }
}

function onNext(event) {
  event.preventDefault();
  const question = guest.question;
  if (PERSONAL.has(question.kind)) return finish(true);
  const typed = sent(event.target, question);
  const error = take();
  if (error) return ask(question, error, new Map([...guest.answers, ...typed]));
  const way = asked(given.questions, guest.answers);
  const next = way[way.indexOf(question) + 1];
  return next ? ask(next) : finish(false);
}

function back() {
  const way = asked(given.questions, guest.answers);
  readContact();
  if (!PERSONAL.has(guest.question.kind)) take();
  ask(way[Math.max(0, way.indexOf(guest.question) - 1)]);
}

async function finish(withContact) {
  readContact();
  const kind = guest.question.kind;
  if (withContact && !looksRight(kind, guest.contact.value)) return ask(guest.question, guest.question.errors[language][`${kind}_missing`]);
  const [clean, errors] = validate(given.questions, guest.answers);
  if (errors.size) {
    const wrong = given.questions.find((one) => errors.has(one.key));
    return ask(wrong, wrong.errors[language][errors.get(wrong.key)]);
  }
  const own = guest;
  const waits = guest.isPromised && queue.isOnline;
  thank(waits ? "sending" : "kept", null);
  const left = withContact ? { [kind]: own.contact.value.trim(), consent: own.contact.consent } : {};
  await queue.add({ ...answerOf(own, clean), ...left, is_finished: true }, (body) => own === guest && screen === "thanks" && onSent(own, body));
  if (waits) setTimeout(() => own === guest && own.isSending && thank("kept", null), COUPON_PATIENCE);
}

const answerOf = (of, answers) => ({
  uuid: of.uuid, version: given.version, answers: Object.fromEntries(answers), language, shown_at: of.shownAt, answered_at: Date.now(),
  trial: of.trial?.id ?? null,
});

function onSent(own, body) {
  if (["bad_phone", "bad_email"].includes(body.error?.code)) {
    queue.forget(own.uuid);
    return ask(own.question, body.error.message);
  }
  return thank(body.error ? "kept" : body.repeats ? "repeats" : "arrived", body.coupon ?? null);
}

function thank(state, coupon) {
  guest.isSending = state === "sending";
  guest.thanks = [state, coupon];
  touchedAt = Date.now();
  const lost = guest.isPromised && !coupon && { arrived: "no_coupon", kept: "kept_no_coupon", repeats: "no_second_coupon" }[state];
  show("thanks",
    el("h1", { id: "question", tabindex: "-1" }, said().thanks),
    el("p", { class: "lead", role: "status" }, said()[coupon ? "coupon_here" : lost || state]),
    coupon && couponCard(coupon, said(), language),
    coupon?.ways.length > 0 && sendForms(queue, guest.uuid, coupon.ways, said()),
    el("div", { class: "actions" }, el("button", { type: "button", class: "primary", id: "next-guest", click: startAnew }, said().next_guest)));
}

function otherLanguage() {
  language = page("language").lang;
  if (screen === "asleep") return showFirst();
  if (screen === "thanks") return thank(...guest.thanks);
  const typed = sent(page("screen").querySelector("form"), guest.question);
  readContact();
  return ask(guest.question, "", new Map([...guest.answers, ...typed]));
}

// ── Time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

function touched() {
  touchedAt = Date.now();
  if (guest && ["ask", "thanks"].includes(screen)) guest.began = true;
}

function tick() {
  if (!guest) return;
  if (screen === "asleep" ? isAwake() : screen === "ask" && !guest.began && !isAwake()) return startAnew();
  const isIdle = screen === "asleep" || (screen === "ask" && !guest.began);
  const left = Math.ceil(given.idle - (Date.now() - touchedAt) / 1000);
  if (isIdle && guest.began === false) return showWarning(0);
  if (left <= 0) return walkAway();
  return showWarning(left <= warnsFrom(given.idle) ? left : 0, given.idle, said());
}

async function walkAway() {
  const own = guest;
  if (screen === "ask" && given.partial === "submit") {
    if (!PERSONAL.has(own.question.kind)) take();
    const open = asked(given.questions, own.answers).find((one) => one === own.question) ?? own.question;
    if (own.answers.size) await queue.add({ ...answerOf(own, own.answers), is_finished: false, reached: open.key });
  }
  if (own === guest) startAnew();
}

// ── Staff ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const askPin = () => show("pin", pinForm({ queue, said: said(), onBack: startAnew, onRight: () => show("staff", staff()) }));
const staff = () => staffScreen({ queue, said: said(), onBack: startAnew, onLeave: leave });

async function leave() {
  if (document.fullscreenElement) await document.exitFullscreen();
  location.assign("/");
}

function fillScreen() {
  if (["ask", "asleep"].includes(screen)) document.documentElement.requestFullscreen?.().catch(() => {});
}

// ── The connection ───────────────────────────────────────────────────────────────────────────────────────────────────

async function load() {
  const answer = await fetch(`${home}/survey.json`, { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// What the shop has changed meanwhile shows before a guest begins, never under one's hands.
async function refresh() {
  try {
    const fresh = await load();
    if (!guest || guest.began || JSON.stringify(fresh) === JSON.stringify(given)) return;
    given = fresh;
    if (["ask", "asleep"].includes(screen)) showFirst();
  } catch {
    // as before
  }
}

async function beat() {
  const battery = await navigator.getBattery?.().catch(() => null);
  const level = battery ? Math.round(battery.level * 100) : null;
  const answer = await queue.post("heartbeat", { version: given.version, ...queue.counts, battery: level });
  if (answer.status !== 200) return;
  if (answer.body.revision !== given.revision) worker ? worker.update() : (isOutdated = true);
  if (queue.counts.unsent) queue.now();
  if (guest && !guest.began) refresh();
}

async function begin() {
  installWorker(home, () => (isOutdated = true)).then((registered) => (worker = registered));
  given = await load();
  language = given.languages[0];
  await queue.open();
  await queue.clock();
  queue.now();
  beat();
  setInterval(beat, HEARTBEAT);
  setInterval(tick, 500);
  if (given.has_pin && !(await queue.about("pin"))) {
    return show("pin", pinForm({ queue, said: said(), isFirst: true, onRight: startAnew }));
  }
  return startAnew();
}

page("language").addEventListener("click", otherLanguage);
page("staff").addEventListener("click", askPin);
page("here").addEventListener("click", () => showWarning(0));
for (const name of ["pointerdown", "keydown", "input"]) addEventListener(name, touched, { capture: true });
addEventListener("click", fillScreen);
// Back is the last question of the same guest, and never leads to another's.
history.pushState(null, "");
addEventListener("popstate", () => {
  history.pushState(null, "");
  if (screen === "ask") back();
});
addEventListener("visibilitychange", keepAwake);
keepAwake();
begin();
