// When the tablet is awake: what surveys/hours.py does on the server, by the clock of the store.

const DAY = 24 * 60;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

// Returns the store's weekday (Monday is 0) and minute of the day at a moment in milliseconds.
export function clockOf(zone, moment) {
  const form = { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const parts = new Intl.DateTimeFormat("en-GB", form).formatToParts(new Date(moment));
  const part = (type) => parts.find((one) => one.type === type).value;
  return { day: WEEKDAYS.indexOf(part("weekday")), minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

export function isOpenAt(days, { day, minute }) {
  if (!days.length) return true;
  const covers = (spans, at) => spans.some(([opens, closes]) => opens <= at && at < closes);
  return covers(days[day], minute) || covers(days[(day + 6) % 7], minute + DAY);
}

// Returns in how many days, and at which minute of that day, it opens next; null where it always is.
export function opensAfter(days, { day, minute }) {
  for (let later = 0; later <= 7 && days.length; later++) {
    for (const [opens] of days[(day + later) % 7]) {
      if (later > 0 || opens > minute) return { later, opens };
    }
  }
  return null;
}

export function openingInWords(days, zone, moment, language) {
  const next = opensAfter(days, clockOf(zone, moment));
  if (!next) return "";
  const day = new Date(moment + next.later * DAY * 60_000);
  const form = { timeZone: zone, weekday: "long", month: "long", day: "numeric" };
  const [hour, minute] = [Math.floor(next.opens / 60), next.opens % 60].map((part) => String(part).padStart(2, "0"));
  return `${new Intl.DateTimeFormat(language === "en" ? "en-GB" : "zh-CN", form).format(day)}${language === "en" ? ", " : " "}${hour}:${minute}`;
}
