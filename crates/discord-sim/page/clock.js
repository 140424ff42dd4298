// The guild's time. It may run faster than the wall clock, so every "3 minutes ago"
// on the page is measured against it and not against the browser's own clock.

let anchor = { guildMs: Date.now(), wallMs: performance.now(), speed: 1 };

/** Takes over the server's time. `now` is an ISO text or milliseconds or seconds since 1970. */
export function setClock(now, speed) {
  const guildMs = typeof now === "number" ? (now < 1e11 ? now * 1000 : now) : Date.parse(now);
  if (!Number.isFinite(guildMs)) return;
  anchor = { guildMs, wallMs: performance.now(), speed: speed ?? 1 };
}

export function guildNow() {
  return anchor.guildMs + (performance.now() - anchor.wallMs) * anchor.speed;
}

export function speed() {
  return anchor.speed;
}

const formats = new Map();
function format(options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, { hourCycle: "h23", ...options }));
  return formats.get(key);
}

const SHORT_TIME = { hour: "2-digit", minute: "2-digit" };
const LONG_TIME = { ...SHORT_TIME, second: "2-digit" };
const SHORT_DATE = { year: "numeric", month: "2-digit", day: "2-digit" };
const LONG_DATE = { year: "numeric", month: "long", day: "numeric" };
const STYLES = {
  t: SHORT_TIME,
  T: LONG_TIME,
  d: SHORT_DATE,
  D: LONG_DATE,
  f: { ...LONG_DATE, ...SHORT_TIME },
  F: { weekday: "long", ...LONG_DATE, ...SHORT_TIME },
  s: { ...SHORT_DATE, ...SHORT_TIME },
  S: { ...SHORT_DATE, ...LONG_TIME },
};

export const timeOfDay = (ms) => format(SHORT_TIME).format(ms);
export const timeWithSeconds = (ms) => format(LONG_TIME).format(ms);
export const dayAndDate = (ms) => format({ weekday: "long", ...LONG_DATE }).format(ms);
export const shortDay = (ms) => format({ weekday: "short", day: "numeric", month: "short" }).format(ms);
export const dayKey = (ms) => format(SHORT_DATE).format(ms);

/** The reader's zone in two forms, as in "Europe/Berlin" and "CET". */
export function zone(ms) {
  const name = Intl.DateTimeFormat().resolvedOptions().timeZone || "local";
  const part = format({ timeZoneName: "short", hour: "2-digit" }).formatToParts(ms).find((piece) => piece.type === "timeZoneName");
  return { name, short: part?.value ?? "local" };
}

export function inUtc(ms) {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const relativeWords = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export function relative(ms) {
  const seconds = Math.round((ms - guildNow()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relativeWords.format(Math.trunc(seconds / size), unit);
}

/** A `<t:seconds:style>` mark as words for this reader. */
export function stamp(ms, style) {
  if (style === "R") return relative(ms);
  return format(STYLES[style] ?? STYLES.f).format(ms);
}

/** Brings every relative time on the page up to date. */
export function refreshRelative(root) {
  for (const node of root.querySelectorAll("time[data-relative]")) {
    const words = relative(Number(node.dataset.relative));
    if (node.textContent !== words) node.textContent = words;
  }
}
