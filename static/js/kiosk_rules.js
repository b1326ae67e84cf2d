// What surveys/definition does on the server, for a tablet that may be offline: which questions are asked, in which
// order options stand, what is a valid answer, and the words. A test runs both on the same questionnaires.
// Answers are a Map: a question's key may be any name, "__proto__" too.

const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]+`, "g");
const ENDS = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");
const NUMBER = /^[+-]?(\d{1,3}(,\d{3}){1,4}|\d{1,15})(\.\d{1,10})?$/;
const DAY = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/;
const LINES = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/;
const REFERENCE = /\{\{([^{}|]*)(?:\|([^{}]*))?\}\}/g;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const [LONGEST_TYPED, LONGEST_PIPED] = [40, 60];
const WITH_OPTIONS = new Set(["channel", "choice", "multiple"]);
const SCORES = new Set(["scale", "nps", "stars"]);
export const PERSONAL = new Set(["phone", "email"]);

export class Refused extends Error {}

export const textKey = (key) => `${key}.text`;
const strip = (text) => text.replace(ENDS, "");
const length = (text) => [...text].length;

// ── Which questions ──────────────────────────────────────────────────────────────────────────────────────────────────

export function holds(rule, answers) {
  if (rule.all) return rule.all.every((one) => holds(one, answers));
  if (rule.any) return rule.any.some((one) => holds(one, answers));
  if (rule.not) return !holds(rule.not, answers);
  const given = answers.get(rule.question);
  if (rule.answered) return given !== undefined && given !== null;
  if (rule.options) return [given].flat().some((key) => rule.options.includes(key));
  if (typeof given !== "number") return false;
  return !(given < (rule.at_least ?? -Infinity)) && !(given > (rule.at_most ?? Infinity));
}

function walk(questions, answers) {
  const kept = new Map();
  const asked = questions.filter((question) => {
    if (question.asked_if && !holds(question.asked_if, kept)) return false;
    for (const key of [question.key, textKey(question.key)]) {
      if (answers.has(key)) kept.set(key, answers.get(key));
    }
    return true;
  });
  return [asked, kept];
}

export const asked = (questions, answers) => walk(questions, answers)[0];
export const withoutUnasked = (questions, answers) => walk(questions, answers)[1];

// ── In which order ───────────────────────────────────────────────────────────────────────────────────────────────────

export function shownOrder(question, seed) {
  const drawn = (option) => sha256(`${seed}:${question.key}:${option.key}`);
  const isShown = (option) =>
    option.placebo === undefined ||
    parseInt(sha256(`${seed}:${question.key}:${option.key}:placebo`).slice(0, 12), 16) < option.placebo * 2 ** 48;
  const shown = (question.options ?? []).filter(isShown);
  const free = shown.filter((option) => !option.pinned).map((option) => [drawn(option), option.key]);
  free.sort(([one], [other]) => (one < other ? -1 : 1));
  return [...free.map(([, key]) => key), ...shown.filter((option) => option.pinned).map((option) => option.key)];
}

// Whether a response is among the share of guests who are promised no coupon, as surveys/rewards.py has it.
export const isLeftOut = (uuid, percent) => parseInt(sha256(`${uuid}:reward`).slice(0, 8), 16) * 100 < percent * 2 ** 32;

// In the page itself, since crypto.subtle is only there over HTTPS.
const PRIMES = [...Array(312).keys()].slice(2).filter((n) => ![...Array(n).keys()].slice(2).some((d) => n % d === 0));
const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUND = PRIMES.slice(0, 64).map((prime) => fraction(Math.cbrt(prime)));
const turn = (word, by) => (word >>> by) | (word << (32 - by));

export function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  const block = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  block.set(bytes);
  block[bytes.length] = 0x80;
  const view = new DataView(block.buffer);
  view.setUint32(block.length - 4, bytes.length * 8);
  const state = Uint32Array.from(START);
  const w = new Uint32Array(64);
  for (let at = 0; at < block.length; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const [far, near] = [w[i - 15], w[i - 2]];
      const low = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
      const high = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
      w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

// ── What is valid ────────────────────────────────────────────────────────────────────────────────────────────────────

function refuseIf(wrong, code) {
  if (wrong) throw new Refused(code);
}

// Returns the question's own answers, cleaned, as [key, value] pairs; throws Refused with the server's code.
export function check(question, answers) {
  const given = answers.get(question.key) ?? null;
  const kind = question.kind;
  if (kind === "statement" || PERSONAL.has(kind)) {
    refuseIf(given !== null, kind === "statement" ? "nothing_to_answer" : `${kind}_apart`);
    return [];
  }
  if (given === null || (Array.isArray(given) && !given.length) || (typeof given === "string" && !strip(given))) {
    refuseIf(question.required, "required");
    return [];
  }
  if (WITH_OPTIONS.has(kind)) return chosen(question, given, answers.get(textKey(question.key)) ?? "");
  const clean = (SCORES.has(kind) ? score : { number, date }[kind] ?? text)(question, given);
  refuseIf(clean === "" && question.required, "required");
  return clean === "" ? [] : [[question.key, clean]];
}

// Returns every answer, cleaned, and what is wrong: question key → code.
export function validate(questions, answers) {
  const [clean, errors] = [new Map(), new Map()];
  const known = new Set(questions.flatMap((question) => [question.key, textKey(question.key)]));
  for (const question of questions) {
    if (question.asked_if && !holds(question.asked_if, clean)) {
      if ((answers.get(question.key) ?? null) !== null) errors.set(question.key, "not_asked");
      continue;
    }
    try {
      for (const [key, value] of check(question, answers)) clean.set(key, value);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      errors.set(question.key, refused.message);
    }
  }
  for (const key of answers.keys()) if (!known.has(key)) errors.set(key, "unknown_question");
  return [clean, errors];
}

function chosen(question, given, typed) {
  const isMultiple = question.kind === "multiple";
  refuseIf(isMultiple && !Array.isArray(given), "not_a_list");
  const keys = isMultiple ? given : [given];
  refuseIf(!keys.every((key) => question.options.some((option) => option.key === key)), "unknown_option");
  const options = question.options.filter((option) => keys.includes(option.key));
  if (isMultiple) ensureAllowed(question, options);
  const clean = [[question.key, isMultiple ? options.map((option) => option.key) : given]];
  const words = options.some((option) => option.text) ? text(question, typed) : "";
  return words ? [...clean, [textKey(question.key), words]] : clean;
}

function ensureAllowed(question, options) {
  if (options.some((option) => option.exclusive)) {
    refuseIf(options.length > 1, "not_alone");
    return;
  }
  refuseIf(options.length < question.bounds[0], "too_few");
  refuseIf(options.length > question.bounds[1], "too_many");
}

function score(question, given) {
  const plain = typeof given === "string" || Number.isInteger(given) ? String(given) : "";
  refuseIf(!question.points.map(String).includes(plain), "not_a_score");
  return Number(plain);
}

function number(question, given) {
  const plain = narrow(typeof given === "string" || typeof given === "number" ? String(given) : "");
  refuseIf(!NUMBER.test(plain), "not_a_number");
  const value = Number(plain.replaceAll(",", ""));
  const decimals = (plain.split(".")[1] ?? "").replace(/0+$/, "").length;
  refuseIf(decimals > (question.decimals ?? 0), "too_exact");
  refuseIf(value < question.bounds[0], "too_small");
  refuseIf(value > question.bounds[1], "too_large");
  return value === 0 ? 0 : value;
}

function date(question, given) {
  const found = DAY.exec(narrow(typeof given === "string" ? given : ""));
  refuseIf(!found, "not_a_date");
  const [year, month, day] = found.slice(1).map(Number);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  refuseIf(year < 1 || day < 1 || day > days, "not_a_date");
  const iso = [String(year).padStart(4, "0"), ...[month, day].map((part) => String(part).padStart(2, "0"))].join("-");
  refuseIf(iso < question.days[0], "too_early");
  refuseIf(iso > question.days[1], "too_late");
  return iso;
}

function text(question, given) {
  refuseIf(typeof given !== "string", "not_text");
  const clean = question.kind === "longtext" ? cleanStory(given) : cleanLine(given);
  refuseIf(length(clean) > question.longest, "too_long");
  return clean;
}

function cleanLine(typed) {
  const kept = typed.replace(SPACES, " ").replace(/[\p{Cc}\p{Cs}]/gu, "");
  return strip(kept.normalize("NFC").replace(SPACES, " "));
}

function cleanStory(typed) {
  return typed.split(LINES).map(cleanLine).join("\n").replace(/\n{3,}/g, "\n\n").replace(/^\n+|\n+$/g, "");
}

// A number or a date as it was typed, full-width characters made narrow, any script's digits ours.
function narrow(typed) {
  const plain = strip(typed);
  if (length(plain) > LONGEST_TYPED) return "";
  return plain.normalize("NFKC").replace(/\p{Nd}/gu, (digit) => {
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(digit.codePointAt(0) - value - 1))) value++;
    return String(value);
  });
}

// ── In words ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function words(wording, questions, answers, language) {
  return (wording?.[language] ?? "").replace(REFERENCE, (_, key, otherwise = "") => {
    const question = questions.find((one) => one.key === strip(key));
    return (question && inWords(question, answers, language)) || strip(otherwise);
  });
}

function inWords(question, answers, language) {
  const given = answers.get(question.key) ?? null;
  if (given === null) return "";
  if (WITH_OPTIONS.has(question.kind)) {
    const labels = [given].flat().map((key) => optionInWords(question, key, answers, language));
    return labels.join(language.startsWith("zh") ? "、" : ", ");
  }
  if (question.kind === "date") {
    const form = { dateStyle: "long", timeZone: "UTC" };
    return new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", form).format(new Date(`${given}T00:00:00Z`));
  }
  return typeof given === "number" ? new Intl.NumberFormat(language === "en" ? "en" : "zh-CN").format(given) : piped(given);
}

function optionInWords(question, key, answers, language) {
  const option = question.options.find((one) => one.key === key);
  const typed = option?.text && answers.get(textKey(question.key));
  return typed ? piped(typed) : option?.label[language] ?? "";
}

function piped(typed) {
  const line = strip(typed.replace(SPACES, " "));
  const short = length(line) <= LONGEST_PIPED ? line : `${[...line].slice(0, LONGEST_PIPED - 1).join("")}…`;
  return RIGHT_TO_LEFT.test(short) ? `\u2068${short}\u2069` : short;
}
