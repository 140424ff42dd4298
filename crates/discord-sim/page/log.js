// The list of messages: nodes are kept as long as their message is the same, the reader's place too.

import { element, icon } from "./dom.js";
import { dayAndDate, dayKey } from "./clock.js";
import { isLater } from "./api.js";
import { messageNode } from "./message.js";

const TOGETHER_MS = 7 * 60 * 1000;
const NEAR_BOTTOM = 80;

/** `page` answers view(message), showOlder(), reuse(line), drop(noteKey). */
export function createLog(root, jump, page) {
  const nodes = new Map(); // key -> { signature, node }
  let place = "";
  let seen = "";
  let missed = 0;
  let stick = true;
  let heldAt = -1; // where a long answer is read from; -1 once the reader scrolls

  const isAtBottom = () => root.scrollHeight - root.scrollTop - root.clientHeight < NEAR_BOTTOM;
  const toBottom = () => {
    root.scrollTop = root.scrollHeight;
    stick = true;
    heldAt = -1;
    missed = 0;
    showJump();
  };
  const showJump = () => {
    jump.hidden = stick || (!missed && isAtBottom());
    jump.replaceChildren(icon("down"), element("span", { text: missed ? `${missed} new · Jump to newest` : "Jump to newest" }));
    jump.classList.toggle("has-news", missed > 0);
  };
  jump.addEventListener("click", toBottom);
  root.addEventListener("scroll", () => {
    if (root.scrollTop !== heldAt) {
      heldAt = -1;
      stick = isAtBottom();
    }
    if (stick) missed = 0;
    showJump();
  }, { passive: true });

  // Late pictures and previews, an opened keyboard or a grown composer do not push the newest out of sight.
  const content = element("div", { class: "log-content" });
  root.replaceChildren(content);
  const watcher = new ResizeObserver(() => stick && (root.scrollTop = root.scrollHeight));
  watcher.observe(content);
  watcher.observe(root);

  // One message is a tab stop; the arrow keys move among them.
  root.addEventListener("keydown", (event) => {
    if (!event.target.matches(".message") || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    const all = [...content.querySelectorAll(".message")];
    const index = all.indexOf(event.target);
    const next = { ArrowUp: all[index - 1], ArrowDown: all[index + 1], Home: all[0], End: all.at(-1) }[event.key];
    if (next) {
      event.preventDefault();
      event.target.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  });

  // On a touch screen a tap on a message shows its actions, a second one hides them.
  root.addEventListener("click", (event) => {
    if (matchMedia("(hover: hover)").matches || event.target.closest("button, a, input, pre, time")) return;
    if (getSelection()?.toString()) return;
    const tapped = event.target.closest(".message");
    for (const other of content.querySelectorAll(".message.tapped")) if (other !== tapped) other.classList.remove("tapped");
    tapped?.classList.toggle("tapped");
  });
  root.addEventListener("contextmenu", (event) => {
    const node = event.target.closest(".message");
    if (!node || event.target.closest("a, img, pre") || getSelection()?.toString()) return;
    const more = node.querySelector(".toolbar .icon-button:last-child");
    if (!more) return;
    event.preventDefault();
    const view = page.view(node.message);
    view.handlers.openMenu(node.message, { left: event.clientX, top: event.clientY, bottom: event.clientY });
  });

  function keyed(key, signature, make) {
    const known = nodes.get(key);
    if (known?.signature === signature) return known.node;
    const node = make();
    if (known) carryOver(known.node, node);
    nodes.set(key, { signature, node });
    return node;
  }

  return {
    toBottom,
    /** Scrolls to the newest message, but not past the beginning of message `id`: what is longer than the window is read from its first line. */
    toStartOf(id) {
      toBottom();
      const node = nodes.get(id)?.node;
      const above = node ? root.getBoundingClientRect().top - node.getBoundingClientRect().top : 0;
      if (above <= 0) return;
      root.scrollTop -= above;
      heldAt = root.scrollTop;
      stick = false;
      showJump();
    },
    /** Shows the messages of `newPlace`; `openedAt` is the last message id read before it was opened. */
    show(newPlace, messages, notes, openedAt, hasOlder) {
      const moved = newPlace !== place;
      if (moved) {
        nodes.clear();
        place = newPlace;
        seen = "";
        stick = true;
        heldAt = -1;
        missed = 0;
      }
      const wasAtBottom = stick;
      const wanted = hasOlder ? [keyed("older", "older", () => element("button", { type: "button", class: "older text-button", text: "Show older messages", on: { click: page.showOlder } }))] : [];
      let previous = null;
      let isNewShown = false;
      for (const message of messages) {
        const at = Date.parse(message.timestamp);
        const day = dayKey(at);
        const isNewDay = !previous || dayKey(Date.parse(previous.timestamp)) !== day;
        if (isNewDay) wanted.push(keyed(`day-${day}`, day, () => element("div", { class: "divider", role: "separator" }, element("span", { text: dayAndDate(at) }))));
        const isNew = !isNewShown && openedAt && isLater(message.id, openedAt) && message.author.id !== page.view(message).me.id && previous;
        if (isNew) {
          isNewShown = true;
          wanted.push(keyed("new", message.id, () => element("div", { class: "divider divider-new", role: "separator" }, element("span", { text: "New" }))));
        }
        const grouped = Boolean(previous) && !isNewDay && !isNew && previous.author.id === message.author.id && at - Date.parse(previous.timestamp) < TOGETHER_MS
          && [0, 19, 20, 23].includes(previous.kind) && Boolean(previous.ephemeral) === Boolean(message.ephemeral);
        const view = { ...page.view(message), grouped };
        wanted.push(keyed(message.id, JSON.stringify([message, grouped, view.failure, view.pending]), () => {
          const node = messageNode(message, view);
          node.message = message;
          return node;
        }));
        previous = message;
      }
      for (const note of notes) wanted.push(keyed(note.key, note.key, () => noteNode(note, page)));
      if (!wanted.length) wanted.push(keyed("empty", "empty", () => element("div", { class: "empty" }, element("strong", { text: "Nothing here yet." }), element("p", { text: "Write something, or press / for what the bot can do." }))));

      settleInto(content, wanted);
      const kept = new Set(wanted);
      for (const [key, { node }] of nodes) if (!kept.has(node)) nodes.delete(key);

      const newest = messages.at(-1)?.id ?? "";
      if (seen && newest && isLater(newest, seen) && !wasAtBottom) missed += messages.filter((message) => isLater(message.id, seen)).length;
      seen = newest || seen;
      if (moved || wasAtBottom) toBottom();
      else showJump();
      const stops = content.querySelectorAll('.message[tabindex="0"]');
      if (!stops.length) {
        const last = [...content.querySelectorAll(".message")].at(-1);
        if (last) last.tabIndex = 0;
      }
    },
    /** Scrolls to a message and marks it; false when it is not there. */
    jumpTo(id) {
      const node = nodes.get(id)?.node;
      if (!node) return false;
      node.scrollIntoView({ block: "center" });
      node.focus({ preventScroll: true });
      node.classList.remove("flash");
      void node.offsetWidth;
      node.classList.add("flash");
      return true;
    },
  };
}

function noteNode(note, page) {
  return element("article", { class: "message ephemeral note", tabindex: "-1" },
    element("div", { class: "gutter" }, icon("bolt")),
    element("div", { class: "message-body" },
      element("p", {}, "You used ", element("span", { class: "mention", text: note.line })),
      element("p", { class: "failure", role: "alert", text: note.sentence }),
      element("p", { class: "only-you" }, "Only you can see this · ",
        note.line.startsWith("/") ? [element("button", { type: "button", class: "text-button", text: "Try again", on: { click: () => (page.drop(note.key), page.reuse(note.line)) } }), " · "] : null,
        element("button", { type: "button", class: "text-button", text: "Dismiss", on: { click: () => page.drop(note.key) } }))));
}

// A message that changed keeps what the reader was doing in it.
function carryOver(old, node) {
  if (old.classList.contains("tapped")) node.classList.add("tapped");
  if (old.tabIndex === 0) node.tabIndex = 0;
  const focused = document.activeElement;
  if (!old.contains(focused)) return;
  const key = focused.dataset?.key;
  queueMicrotask(() => {
    const again = key ? [...node.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key && !each.disabled) : null;
    (again ?? node).focus({ preventScroll: true });
  });
}

// Puts exactly `wanted` into `parent`, moving as little as possible.
function settleInto(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
}
