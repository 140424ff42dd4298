// The box at the bottom: plain messages, replies, edits, files, and the door to slash commands.

import { element, icon, iconButton } from "./dom.js";
import { leafOf, leaves, matching } from "./slash.js";
import { commandForm } from "./command-form.js";
import { suggestionList } from "./suggestions.js";
import { mentionAt, withIds, withNames } from "./mentions.js";
import { toast } from "./overlay.js";

const LONGEST = 2000;

/**
 * `page` answers: channel(), commands(), directory(), names(), say(details), edit(id, text),
 * slash(line), complete(line), lastOwnMessage(). Drafts live per person and channel.
 */
export function createComposer(root, page) {
  const drafts = new Map();
  let context = null; // { kind: "reply" | "edit", message }
  let file = null;
  let form = null;
  let busy = false;
  let place = "";

  const input = element("textarea", { id: "composer-input", rows: "1", maxlength: "4000", autocomplete: "off", enterkeyhint: "send", "aria-haspopup": "listbox", "aria-controls": "composer-suggestions", "aria-autocomplete": "list" });
  const note = element("div", { class: "composer-note", hidden: true });
  const count = element("span", { class: "composer-count", "aria-live": "polite" });
  const suggestions = suggestionList("composer-suggestions", "Suggestions", input);
  const picker = element("input", { type: "file", class: "visually-hidden", tabindex: "-1", "aria-hidden": "true" });
  const attach = iconButton("file", "Attach a file", () => picker.click());
  const slashButton = element("button", { type: "button", class: "icon-button slash-button", "aria-label": "Commands", title: "Commands", text: "/" });
  const send = element("button", { type: "submit", class: "icon-button send", "aria-label": "Send", title: "Send (Enter)" }, icon("send"));
  const line = element("form", { class: "composer-line" }, slashButton, attach, picker, input, count, send);
  root.replaceChildren(note, suggestions.node, line);

  const allLeaves = () => leaves(page.commands());
  const grow = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, innerHeight * 0.35)}px`;
    const length = [...input.value].length;
    count.textContent = length > LONGEST - 200 ? String(LONGEST - length) : "";
    count.classList.toggle("over", length > LONGEST);
    send.classList.toggle("ready", Boolean(input.value.trim() || file));
  };

  function showNote() {
    note.hidden = !context && !file;
    if (context) {
      note.replaceChildren(icon(context.kind === "reply" ? "reply" : "edit"),
        element("span", {}, context.kind === "reply" ? "Replying to " : "Editing your message", context.kind === "reply" ? element("strong", { text: context.message.author.name }) : ""),
        iconButton("close", context.kind === "reply" ? "Do not reply" : "Stop editing", leaveContext));
    } else if (file) {
      note.replaceChildren(icon("file"), element("span", { text: file.filename }), iconButton("close", "Remove the file", () => ((file = null), showNote(), grow())));
    }
  }

  function leaveContext() {
    if (context?.kind === "edit") input.value = "";
    context = null;
    showNote();
    grow();
    input.focus();
  }

  function suggest() {
    const value = input.value;
    if (context?.kind === "edit" || !value.startsWith("/") || value.includes("\n")) suggestMentions();
    else suggestCommands(value);
  }

  function suggestMentions() {
    const caret = input.selectionStart;
    const found = mentionAt(input.value.slice(0, caret), page.directory());
    if (!found) {
      suggestions.close();
      return;
    }
    suggestions.show(found.fitting.map((each) => ({
      label: each.words, description: each.hint,
      pick() {
        input.setRangeText(`${each.words} `, caret - found.typed.length, caret, "end");
        suggestions.close();
        grow();
      },
    })), { active: found.isWhole ? -1 : 0 });
  }

  function suggestCommands(value) {
    const exact = leafOf(allLeaves(), value);
    if (exact && value.length > exact.leaf.path.length + 1) {
      openCommand(exact.leaf, exact.rest);
      return;
    }
    const found = matching(allLeaves(), value.slice(1));
    suggestions.show(found.map((leaf) => ({
      label: `/${leaf.path}`, description: leaf.description, detail: leaf.options.filter((option) => option.required).map((option) => option.name).join(" "),
      pick: () => openCommand(leaf, ""),
    })), { active: 0, empty: allLeaves().length ? "No command fits. Esc to leave." : "The bot has registered no commands yet." });
  }

  function openCommand(leaf, rest) {
    suggestions.close();
    input.value = "";
    grow();
    form?.close();
    form = commandForm(leaf, rest, { ...page, leave: closeCommand, send: sendLine });
    root.append(form.node);
    line.hidden = true;
    form.focus();
  }

  function closeCommand(keepText) {
    form?.close();
    form = null;
    line.hidden = false;
    if (keepText) {
      input.value = keepText;
      grow();
      suggest();
    }
    input.focus();
  }

  // The form steps aside while the bot thinks, as there may be other things to write; a refusal brings it back.
  async function sendLine(text) {
    const sent = form;
    sent.node.remove();
    form = null;
    line.hidden = false;
    input.focus();
    const sentFrom = place;
    const result = await page.slash(text);
    if (!result.ok && !form && place === sentFrom) {
      form = sent;
      root.append(sent.node);
      line.hidden = true;
      form.focus();
    } else if (!result.ok) {
      toast(result.refused, "problem");
    }
    return result;
  }

  async function submit() {
    const written = input.value;
    const text = withIds(written.trim(), page.directory());
    if (busy || (!text && !file)) return;
    if ([...text].length > LONGEST) {
      toast(`A message holds at most ${LONGEST} characters; this one has ${[...text].length}.`, "problem");
      return;
    }
    if (written.trimStart() === written && text.startsWith("/") && context?.kind !== "edit") {
      const exact = leafOf(allLeaves(), written.trim());
      if (exact) openCommand(exact.leaf, exact.rest);
      else toast("There is no such command. Put a space before the / to send it as text.", "problem");
      return;
    }
    busy = true;
    send.setAttribute("aria-busy", "true");
    const result = context?.kind === "edit"
      ? await page.edit(context.message, text)
      : await page.say({ text, reply_to: context?.message.id, file });
    busy = false;
    send.removeAttribute("aria-busy");
    if (!result.ok) return;
    if (input.value === written) input.value = "";
    context = null;
    file = null;
    showNote();
    grow();
  }

  async function take(chosen) {
    if (!chosen) return;
    if (chosen.size > 10 * 1024 * 1024) {
      toast("A file may have at most 10 MB.", "problem");
      return;
    }
    const bytes = new Uint8Array(await chosen.arrayBuffer());
    let binary = "";
    for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
    file = { filename: chosen.name, content_base64: btoa(binary) };
    showNote();
    grow();
    input.focus();
  }

  line.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener("input", () => {
    grow();
    suggest();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (suggestions.handleKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && (context || suggestions.isOpen())) {
      if (suggestions.isOpen()) suggestions.close();
      else leaveContext();
    } else if (event.key === "ArrowUp" && !input.value && !context) {
      const own = page.lastOwnMessage();
      if (own) {
        event.preventDefault();
        startEdit(own);
      }
    }
  });
  input.addEventListener("paste", (event) => {
    const [pasted] = event.clipboardData?.files ?? [];
    if (pasted) {
      event.preventDefault();
      take(pasted);
    }
  });
  picker.addEventListener("change", () => {
    take(picker.files[0]);
    picker.value = "";
  });
  slashButton.addEventListener("click", () => {
    if (!input.value.startsWith("/")) input.value = "/";
    grow();
    input.focus();
    suggest();
  });
  input.addEventListener("blur", () => setTimeout(() => document.activeElement !== input && suggestions.close(), 150));

  function startEdit(message) {
    if (form) closeCommand();
    context = { kind: "edit", message };
    input.value = withNames(message.content, page.directory());
    showNote();
    grow();
    input.focus();
  }

  return {
    /** Moves to another person or channel, keeping what was typed at the old place. */
    goTo(newPlace, channel) {
      if (newPlace !== place) {
        if (context?.kind !== "edit") drafts.set(place, input.value);
        if (form) closeCommand();
        suggestions.close();
        context = null;
        file = null;
        place = newPlace;
        input.value = drafts.get(place) ?? "";
        showNote();
      }
      const silent = !channel || channel.can_send === false;
      input.disabled = silent;
      attach.disabled = silent;
      slashButton.disabled = !channel;
      const name = channel?.kind === "dm" ? channel.name : `#${channel?.name}`;
      input.placeholder = silent ? "You cannot write here." : `Message ${name}`;
      input.setAttribute("aria-label", silent ? "You cannot write in this channel" : `Message ${name}`);
      grow();
    },
    reply(message) {
      if (form) closeCommand();
      context = { kind: "reply", message };
      showNote();
      input.focus();
    },
    startEdit,
    /** Puts a command line back to be sent again. */
    reuse(text) {
      const exact = leafOf(allLeaves(), text);
      if (exact) openCommand(exact.leaf, exact.rest);
    },
    mention(text) {
      input.value = `${input.value}${input.value && !/\s$/.test(input.value) ? " " : ""}${text} `;
      grow();
      input.focus();
    },
    take,
    focus: () => (form ?? input).focus(),
  };
}
