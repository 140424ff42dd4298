// The pinned messages of a channel, one press away: the whole messages, with their buttons.

import { element, iconButton } from "./dom.js";
import { messageNode } from "./message.js";

let shown = "";

/** `page` answers view(message), close(), jump(id). */
export function showPins(root, isOpen, messages, page) {
  root.hidden = !isOpen;
  if (!isOpen) {
    shown = "";
    root.replaceChildren();
    return;
  }
  const views = messages.map((message) => page.view(message));
  const key = JSON.stringify([messages, views.map((view) => [view.pending, view.failure])]);
  if (key === shown) return;
  const focusedKey = root.contains(document.activeElement) ? document.activeElement.dataset.key ?? "close" : null;
  shown = key;
  const place = root.querySelector(".pins-list")?.scrollTop ?? 0;
  root.replaceChildren(
    element("div", { class: "pins-head" }, element("h2", { text: "Pinned messages" }), iconButton("close", "Close the pinned messages", page.close, { "data-key": "close" })),
    element("div", { class: "pins-list" }, messages.length
      ? messages.toReversed().map((message) => {
        const node = messageNode(message, { ...views[messages.indexOf(message)], grouped: false });
        node.append(element("button", { type: "button", class: "text-button pin-jump", text: "Jump to it", on: { click: () => page.jump(message.id) } }));
        return node;
      })
      : element("p", { class: "empty", text: "Nothing is pinned in this channel." })));
  root.querySelector(".pins-list").scrollTop = place;
  if (focusedKey) [...root.querySelectorAll("[data-key]")].find((each) => each.dataset.key === focusedKey)?.focus();
}
