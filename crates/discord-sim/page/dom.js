// Builds the page out of nodes. Text always becomes a text node, never markup,
// so nothing a server or a person wrote can turn into an element.

/** Makes an element. `attributes` may hold `class`, `text`, `on`, `data`, properties and attributes. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/**
 * Whether what `root` shows must be drawn anew. What is the same stays:
 * a control that is replaced between press and release loses the click.
 */
export function isNews(root, facts) {
  const key = JSON.stringify(facts);
  const isNew = root.shownFacts !== key;
  root.shownFacts = key;
  return isNew;
}

const SHAPES = {
  menu: "M4 7h16M4 12h16M4 17h16",
  close: "M6 6l12 12M18 6L6 18",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v6",
  send: "M5 12h13M12 6l6 6-6 6",
  reply: "M10 6l-6 6 6 6M4 12h9a7 7 0 0 1 7 7",
  react: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 10v.01M15 10v.01M8.5 14a4 4 0 0 0 7 0",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  copy: "M9 9h10v11H9zM5 15V4h10",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  down: "M12 5v14M6 13l6 6 6-6",
  chevron: "M6 9l6 6 6-6",
  external: "M9 5H5v14h14v-4M13 5h6v6M19 5l-9 9",
  edit: "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  apps: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM17 14v6M14 17h6",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 3",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  check: "M5 13l4 4L19 7",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  mute: "M6 16V11a6 6 0 0 1 9-5M18 11v5l1 1H7M4 4l16 16M10 20h4",
};

/** A line icon; decorative, so the control that holds it carries the words. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("class", `icon icon-${name}`);
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", SHAPES[name]);
  drawing.append(line);
  return drawing;
}

/** An icon button with its words as accessible name and tooltip. */
export function iconButton(shape, label, onClick, more = {}) {
  return element("button", { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: onClick }, ...more }, icon(shape));
}

/** The address when it may be followed (http, https or a path of this server), else null. */
export function safeAddress(address) {
  try {
    const parsed = new URL(address, location.href);
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A link that opens apart and tells the other side nothing; plain text when the address is not a web address. */
export function link(address, ...children) {
  const target = safeAddress(address);
  if (!target) return element("span", {}, ...children);
  return element("a", { href: target, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

/** Copies text and says whether it worked, also where the clipboard interface is missing (plain http on a LAN). */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = element("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** A stable hue for a person without a picture. */
export function tint(identifier) {
  let sum = 7;
  for (const letter of String(identifier)) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % 8;
}

export function avatar(name, identifier, bot) {
  const letters = bot ? "🤖" : (name ?? "?").trim().slice(0, 1).toUpperCase();
  return element("span", { class: `avatar tint-${bot ? "bot" : tint(identifier)}`, "aria-hidden": "true", text: letters });
}
