// The small picker for reactions.

import { element } from "./dom.js";
import { arrowKeys, popup } from "./overlay.js";

const QUICK = [["📌", "pin"], ["🔎", "finding"], ["🛠️", "action"], ["⚖️", "decision"], ["❗", "important"], ["📝", "note"], ["👍", "thumbs up"], ["✅", "done"]];
const MORE = ["👀", "🙏", "🎉", "❤️", "👎", "❓", "🚀", "🔥", "⏳", "🧯", "🔧", "🚨"];

export function pickReaction(anchor, pick) {
  const button = (emoji, words) => element("button", { type: "button", class: "pick", text: emoji, "aria-label": words ? `${emoji} ${words}` : emoji, title: words ?? null, on: { click: () => (sheet.close(), pick(emoji)) } });
  const box = element("div", { class: "picker", role: "group", "aria-label": "Reactions" }, QUICK.map(([emoji, words]) => button(emoji, words)), MORE.map((emoji) => button(emoji)));
  arrowKeys(box);
  const sheet = popup(anchor, "React", element("div", {}, element("div", { class: "popup-title", text: "React" }), box));
  box.querySelector("button").focus();
}
