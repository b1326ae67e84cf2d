// One question as it stands on the tablet, and what is chosen or typed there. Built of elements: no text is ever markup.

import { PERSONAL, shownOrder, textKey, words } from "./kiosk_rules.js";

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined && value !== "") element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const fill = (wording, values) => wording.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

const OFF = { autocomplete: "off", autocorrect: "off", spellcheck: "false", dir: "auto" };

// `at` is { given, question, answers, contact, language, seed, error }.
export function questionForm(at) {
  const { given, question, answers, language } = at;
  const said = given.words[language];
  const label = words(question.label, given.questions, answers, language);
  const help = words(question.help, given.questions, answers, language);
  const hint = question.hint[language];
  const about = [
    help && el("p", { class: "help", id: "help" }, help),
    hint && el("p", { class: "help", id: "hint" }, hint),
    at.error && el("p", { class: "error", id: "error", role: "alert" }, at.error),
  ];
  const described = [at.error && "error", help && "help", hint && "hint", question.points && "ends"].filter(Boolean).join(" ");
  const parts = { ...at, said, label, about, described };
  if (PERSONAL.has(question.kind)) return contact(parts);
  if (question.kind === "statement") return [heading(label), ...about];
  if (question.options) return [group(parts, options(parts))];
  if (question.points) return [group(parts, ...scores(parts))];
  return line(parts);
}

const heading = (...children) => el("h1", { id: "question", tabindex: "-1" }, ...children);

function group({ question, label, about, described, error }, ...children) {
  const isMultiple = question.kind === "multiple";
  const attributes = { "aria-labelledby": "question", "aria-describedby": described };
  if (!isMultiple) {
    Object.assign(attributes, { role: "radiogroup", "aria-required": question.required && "true", "aria-invalid": error && "true" });
  }
  return el("fieldset", attributes, el("legend", {}, heading(label)), ...about, ...children);
}

function options({ question, answers, language, said, seed }) {
  const chosen = [answers.get(question.key) ?? []].flat();
  const type = question.kind === "multiple" ? "checkbox" : "radio";
  const rows = shownOrder(question, seed).map((key) => {
    const option = question.options.find((one) => one.key === key);
    const id = `option-${key}`;
    const more = { class: "more", type: "text", name: `text-${key}`, maxlength: "500", "aria-label": said.own_words, placeholder: said.own_words };
    if (option.text && chosen.includes(key)) more.value = answers.get(textKey(question.key));
    return el("div", { class: "option" },
      el("input", { type, id, name: "answer", value: key, checked: chosen.includes(key), "data-alone": option.exclusive, autocomplete: "off" }),
      el("label", { for: id }, option.icon && el("span", { class: "icon", "aria-hidden": "true" }, option.icon), option.icon && " ", option.label[language]),
      option.text && el("input", { ...OFF, ...more }));
  });
  return el("div", { class: rows.length > 5 ? "options many" : "options" }, ...rows);
}

function scores({ question, answers, language }) {
  const rows = question.points.map((point) => {
    const id = `score-${point}`;
    const star = question.kind === "stars" && el("span", { class: "star", "aria-hidden": "true" }, "★");
    return el("div", { class: "score" },
      el("input", { type: "radio", id, name: "answer", value: String(point), checked: String(answers.get(question.key)) === String(point), autocomplete: "off" }),
      el("label", { for: id }, star, String(point)));
  });
  const [least, most] = [question.least_label?.[language] ?? question.ends[language][0], question.most_label?.[language] ?? question.ends[language][1]];
  const colon = language.startsWith("zh") ? "：" : ": ";
  const [first, last] = [question.points[0], question.points.at(-1)];
  return [
    el("div", { class: `scores ${question.kind}${question.is_short ? " short" : ""}` }, ...rows),
    el("p", { class: "ends", id: "ends" }, el("span", {}, `${first}${colon}${least}`), el("span", {}, `${last}${colon}${most}`)),
  ];
}

function line({ question, answers, said, label, about, described, error }) {
  const value = String(answers.get(question.key) ?? "");
  const attributes = { ...OFF, id: "answer", name: "answer", "aria-describedby": described, "aria-required": question.required && "true", "aria-invalid": error && "true" };
  const optional = !question.required && el("p", { class: "help" }, said.optional);
  const title = heading(el("label", { for: "answer" }, label));
  if (question.kind === "longtext") {
    const area = el("textarea", { ...attributes, rows: "5", maxlength: String(question.longest) });
    area.value = value;
    return [title, ...about, area, optional];
  }
  const digits = question.decimals ? "decimal" : "numeric";
  const kinds = {
    date: { type: "date", min: question.days?.[0], max: question.days?.[1] },
    number: { type: "text", inputmode: question.bounds?.[0] < 0 ? "text" : digits, maxlength: "40" },
  };
  const kind = kinds[question.kind] ?? { type: "text", maxlength: String(question.longest) };
  return [title, ...about, el("input", { ...attributes, ...kind, class: "line", value }), optional];
}

function contact({ question, said, label, about, error, contact: typed }) {
  const kind = question.kind;
  const described = [error && "error", "contact-use"].filter(Boolean).join(" ");
  const type = kind === "phone" ? { type: "tel", inputmode: "tel", maxlength: "40" } : { type: "email", inputmode: "email", maxlength: "128" };
  return [
    heading(label),
    ...about,
    el("label", { class: "field", for: kind }, said[kind]),
    el("input", { ...OFF, ...type, dir: null, id: kind, name: kind, value: typed.value, "aria-describedby": described, "aria-invalid": error && "true" }),
    el("p", { class: "help", id: "contact-use" }, said.contact_use),
    el("div", { class: "tick" },
      el("input", { type: "checkbox", id: "consent", name: "consent", checked: typed.consent, autocomplete: "off" }),
      el("label", { for: "consent" }, said[`consent_${kind}`])),
  ];
}

// What is chosen and typed now, as answers that may still be wrong.
export function sent(form, question) {
  const answers = new Map();
  if (question.kind === "statement" || PERSONAL.has(question.kind)) return answers;
  const field = form.querySelector("#answer");
  const chosen = [...form.querySelectorAll("[name=answer]:checked")].map((input) => input.value);
  if (field) answers.set(question.key, field.value);
  else if (question.kind === "multiple") answers.set(question.key, chosen);
  else if (chosen.length) answers.set(question.key, chosen[0]);
  const beside = chosen.map((key) => form.querySelector(`[name="text-${CSS.escape(key)}"]`)).find(Boolean);
  if (beside) answers.set(textKey(question.key), beside.value);
  return answers;
}

// "None of these" and the others put each other out; whoever chooses "something else" can write at once.
export function onChange({ target }) {
  if (target.name !== "answer" || !target.checked) return;
  target.parentNode.querySelector(".more")?.focus();
  if (target.type !== "checkbox") return;
  const isAlone = "alone" in target.dataset;
  for (const other of target.form.querySelectorAll("[name=answer]:checked")) {
    if (other !== target && (isAlone || "alone" in other.dataset)) other.checked = false;
  }
}
