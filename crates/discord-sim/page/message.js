// One message as a node: who, when, what, and everything that hangs under it.

import { avatar, copyText, element, icon, iconButton, link, safeAddress } from "./dom.js";
import { inUtc, timeOfDay } from "./clock.js";
import { markdown, timeMark } from "./markdown.js";
import { componentRows } from "./components.js";
import { loadText } from "./api.js";
import { toast } from "./overlay.js";

const SUPPRESSED_EMBEDS = 1 << 2;
const SILENT = 1 << 12;


const SYSTEM_WORDS = {
  1: "added somebody to the thread.",
  2: "removed somebody from the thread.",
  4: "changed the channel name.",
  6: "pinned a message to this channel.",
  7: "joined the server.",
  18: "started a thread.",
  21: "started this thread.",
};
const SYSTEM_SHAPES = { 6: "pin" };

/**
 * `view` is what the page knows around the message:
 * { names, directory, me, grouped, pending, failure, handlers: { use, react, act, jump, openMenu, openPerson } }
 */
export function messageNode(message, view) {
  if (SYSTEM_WORDS[message.kind] && !message.content) return systemNode(message, view);
  const forMe = message.mention_ids?.includes(view.me.id) || message.mention_everyone || message.mention_role_ids?.some((role) => view.me.role_ids?.includes(role));
  const grouped = view.grouped && !message.reply_to && !message.invoked_by?.command;
  const at = Date.parse(message.timestamp);
  const node = element("article", {
    class: ["message", grouped ? "grouped" : "", forMe ? "for-me" : "", message.ephemeral ? "ephemeral" : ""].join(" "),
    data: { id: message.id }, tabindex: "-1", "aria-label": `${message.author.name}, ${timeOfDay(at)}`,
  });
  const time = element("time", { class: "when", datetime: message.timestamp, title: inUtc(at), text: timeOfDay(at) });
  const body = element("div", { class: "message-body" });
  if (grouped) {
    node.append(element("div", { class: "gutter" }, time));
  } else {
    node.append(element("div", { class: "gutter" }, avatar(message.author.name, message.author.id, message.author.bot)));
    body.append(...above(message, view), element("div", { class: "message-head" },
      element("button", { type: "button", class: "author", text: message.author.name, on: { click: (event) => view.handlers.openPerson(message.author, event.currentTarget) } }),
      message.author.bot ? element("span", { class: "badge", text: "APP" }) : null,
      time,
      message.flags & SILENT ? element("span", { class: "silent", title: "Sent without a notification" }, icon("mute"), element("span", { class: "visually-hidden", text: "silent" })) : null,
      message.pinned ? element("span", { class: "pinned-mark", title: "Pinned" }, icon("pin"), element("span", { class: "visually-hidden", text: "pinned" })) : null));
  }
  if (message.thinking) body.append(element("p", { class: "thinking" }, element("span", { class: "dots", "aria-hidden": "true" }, element("i"), element("i"), element("i")), `${message.author.name} is thinking…`));
  const text = element("div", { class: "text" }, markdown(message.content, view.names));
  if (isOnlyEmoji(message.content)) text.classList.add("big-emoji");
  // A private answer that took the place of another needs no mark: nobody else read the first one.
  if (message.edited_at && !message.ephemeral) placeFor(text, body).append(element("span", { class: "edited", title: `Edited ${inUtc(Date.parse(message.edited_at))}`, text: " (edited)" }));
  if (text.childNodes.length) body.append(text);
  if (!(message.flags & SUPPRESSED_EMBEDS)) body.append(...(message.embeds ?? []).map((embed) => embedNode(embed, view.names)));
  body.append(...(message.attachments ?? []).map((file) => attachmentNode(file, view.names)));
  if (message.components?.length) body.append(componentRows(message, view.directory, view.pending, view.handlers.use));
  if (view.failure) body.append(element("p", { class: "failure", role: "alert" }, icon("bolt"), view.failure));
  if (message.reactions?.length) body.append(reactionRow(message, view));
  if (message.thread_id) body.append(element("button", { type: "button", class: "thread-link mention-channel", data: { channel: message.thread_id }, text: "Open the thread ›" }));
  if (message.ephemeral) body.append(element("p", { class: "only-you" }, "Only you can see this · ", element("button", { type: "button", class: "text-button", text: "Dismiss", on: { click: () => view.handlers.act("dismiss", { message_id: message.id }) } })));
  node.append(body, toolbar(message, view));
  return node;
}

// "(edited)" follows the last words; a message of embeds alone wears it in its head.
function placeFor(text, body) {
  if (text.lastElementChild?.matches("p, .subtext")) return text.lastElementChild;
  return text.childNodes.length ? text : (body.querySelector(".message-head") ?? text);
}

function above(message, view) {
  const lines = [];
  if (message.reply_to) {
    lines.push(element("button", { type: "button", class: "reply-line", on: { click: () => view.handlers.jump(message.reply_to.message_id) } },
      icon("reply"), element("strong", { text: message.reply_to.author ?? "A deleted message" }), element("span", { class: "reply-excerpt", text: message.reply_to.excerpt ?? "" })));
  }
  if (message.invoked_by?.command) {
    lines.push(element("div", { class: "reply-line" }, icon("reply"), element("strong", { text: message.invoked_by.user }), element("span", {}, " used ", element("span", { class: "mention", text: message.invoked_by.command }))));
  }
  return lines;
}

function systemNode(message, view) {
  const at = Date.parse(message.timestamp);
  const words = SYSTEM_WORDS[message.kind];
  const target = message.reply_to?.message_id;
  return element("article", { class: "message system", data: { id: message.id }, tabindex: "-1" },
    element("div", { class: "gutter" }, icon(SYSTEM_SHAPES[message.kind] ?? "bolt")),
    element("div", { class: "message-body" },
      element("strong", { text: message.author.name }), ` ${words} `,
      message.kind === 6 ? element("button", { type: "button", class: "text-button", text: target ? "Show it" : "See the pins", on: { click: () => (target ? view.handlers.jump(target) : view.handlers.showPins()) } }) : null,
      element("time", { class: "when", datetime: message.timestamp, title: inUtc(at), text: timeOfDay(at) })));
}

function isOnlyEmoji(text) {
  return Boolean(text) && text.length <= 24 && /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s)+$/u.test(text) && !/^[\d#*\s]+$/.test(text);
}

function toolbar(message, view) {
  const { handlers } = view;
  return element("div", { class: "toolbar-place" }, element("div", { class: "toolbar", role: "group", "aria-label": "Message actions" },
    message.ephemeral ? null : iconButton("react", "React", (event) => handlers.pickReaction(message, event.currentTarget)),
    message.ephemeral ? null : iconButton("reply", "Reply", () => handlers.reply(message)),
    iconButton("more", "More", (event) => handlers.openMenu(message, event.currentTarget))));
}

function reactionRow(message, view) {
  return element("div", { class: "reactions" },
    message.reactions.map((reaction) => {
      const mine = reaction.user_ids.includes(view.me.id);
      const who = reaction.user_ids.map((id) => view.names.user(id)).join(", ");
      return element("button", {
        type: "button", class: "reaction", "aria-pressed": String(mine), title: who, "aria-label": `${reaction.emoji} by ${who}`,
        on: { click: () => handlersAct(view, mine ? "unreact" : "react", message, reaction.emoji) },
      }, element("span", { text: reaction.emoji }), element("span", { class: "count", text: reaction.user_ids.length }));
    }),
    element("button", { type: "button", class: "reaction reaction-add", "aria-label": "Add a reaction", title: "Add a reaction", on: { click: (event) => view.handlers.pickReaction(message, event.currentTarget) } }, icon("react")));
}

function handlersAct(view, action, message, emoji) {
  return view.handlers.act(action, { channel_id: message.channel_id, message_id: message.id, emoji });
}

export function embedNode(embed, names) {
  const node = element("div", { class: "embed" });
  if (Number.isInteger(embed.color)) node.style.borderLeftColor = `#${(embed.color & 0xffffff).toString(16).padStart(6, "0")}`;
  const thumbnail = imageAddress(embed.thumbnail);
  const words = element("div", { class: "embed-words" });
  const author = typeof embed.author === "string" ? embed.author : embed.author?.name;
  if (author) words.append(element("div", { class: "embed-author", text: author }));
  if (embed.title) words.append(element("div", { class: "embed-title" }, embed.url ? link(embed.url, markdown(embed.title, names)) : markdown(embed.title, names)));
  if (embed.description) words.append(element("div", { class: "text" }, markdown(embed.description, names)));
  if (embed.fields?.length) {
    words.append(element("dl", { class: "embed-fields" }, embed.fields.map((field) => element("div", { class: field.inline ? "embed-field inline" : "embed-field" },
      element("dt", {}, markdown(field.name, names)), element("dd", { class: "text" }, markdown(field.value, names))))));
  }
  node.append(words);
  if (thumbnail) node.append(element("img", { class: "embed-thumbnail", src: thumbnail, alt: "", loading: "lazy" }));
  const image = imageAddress(embed.image);
  if (image) words.append(element("img", { class: "embed-image", src: image, alt: "", loading: "lazy" }));
  const footer = typeof embed.footer === "string" ? embed.footer : embed.footer?.text;
  if (footer || embed.timestamp) {
    words.append(element("div", { class: "embed-footer" }, footer ?? "", footer && embed.timestamp ? " · " : "", embed.timestamp ? timeMark(Date.parse(embed.timestamp), "f") : ""));
  }
  return node;
}

function imageAddress(image) {
  return safeAddress((typeof image === "string" ? image : image?.url) || "javascript:");
}

const PREVIEW_LIMIT = 60_000;
const sizeWords = (bytes) => (bytes >= 1 << 20 ? `${(bytes / (1 << 20)).toFixed(1)} MB` : bytes >= 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${bytes} bytes`);

// A file of this server is asked for at this page's own origin, whichever loopback name the reader used.
function fileAddress(url) {
  const target = safeAddress(url);
  if (!target) return null;
  const parsed = new URL(target);
  return parsed.pathname.startsWith("/attachments/") ? parsed.pathname + parsed.search : target;
}

function attachmentNode(file, names) {
  const address = fileAddress(file.url);
  const kind = (file.content_type ?? "").split(";")[0];
  const isMarkdown = kind === "text/markdown" || /\.(md|markdown)$/i.test(file.filename);
  const isText = isMarkdown || kind.startsWith("text/") || kind === "application/json" || /\.(txt|log|json|ya?ml|csv|toml|patch|diff)$/i.test(file.filename);
  const node = element("div", { class: "attachment" });
  const head = element("div", { class: "attachment-head" }, icon("file"),
    element("span", { class: "attachment-name", text: file.filename }), element("span", { class: "attachment-size", text: sizeWords(file.size ?? 0) }));
  if (address) head.append(element("a", { class: "icon-button", href: address, download: file.filename, "aria-label": `Download ${file.filename}`, title: "Download" }, icon("download")));
  node.append(head);
  if (!address) return node;
  if (kind.startsWith("image/") && kind !== "image/svg+xml") {
    node.append(element("img", { class: "attachment-image", src: address, alt: file.filename, loading: "lazy" }));
  } else if (isText) {
    preview(node, head, address, isMarkdown, names);
  }
  return node;
}

const texts = new Map();
function preview(node, head, address, isMarkdown, names) {
  const paper = element("div", { class: `attachment-text ${isMarkdown ? "text" : ""}` });
  const expand = element("button", { type: "button", class: "text-button", "aria-expanded": "false", text: "Show all", hidden: true });
  expand.addEventListener("click", () => {
    const open = node.classList.toggle("expanded");
    expand.textContent = open ? "Show less" : "Show all";
    expand.setAttribute("aria-expanded", String(open));
  });
  const fill = (text) => {
    const shown = text.slice(0, PREVIEW_LIMIT);
    paper.replaceChildren(isMarkdown ? markdown(shown, names, { document: true }) : element("pre", { tabindex: "0", "aria-label": "File" }, element("code", { text: shown })));
    if (text.length > shown.length) paper.append(element("p", { class: "subtext", text: "The rest is in the download." }));
    head.insertBefore(iconButton("copy", "Copy the file's text", async () => toast((await copyText(text)) ? "Copied" : "Copying was not allowed.")), head.lastChild);
    expand.hidden = text.split("\n").length < 14 && text.length < 900;
    node.classList.toggle("short", expand.hidden);
  };
  node.append(paper, expand);
  if (texts.has(address)) {
    fill(texts.get(address));
    return;
  }
  paper.textContent = "Loading…";
  loadText(address).then((text) => {
    texts.set(address, text);
    fill(text);
  }, (problem) => (paper.textContent = problem.message));
}
