// Drives a small discord.js bot against a running local Discord and checks what its people see.
//
//     cargo run -p discord-sim --example local_discord 8099
//     npm install discord.js
//     node crates/discord-sim/interop/discord_js_smoke.mjs http://127.0.0.1:8099

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(`${process.cwd()}/`);
const {
  ActionRowBuilder, AttachmentBuilder, ButtonBuilder, ButtonStyle, ChannelType, Client, EmbedBuilder, Events,
  GatewayIntentBits, LabelBuilder, MessageFlags, ModalBuilder, Partials, PermissionFlagsBits, SlashCommandBuilder,
  StringSelectMenuBuilder, TextInputBuilder, TextInputStyle, UserSelectMenuBuilder, ContextMenuCommandBuilder,
  ApplicationCommandType, version,
} = require("discord.js");

const url = process.argv[2] ?? "http://127.0.0.1:8099";
const token = process.argv[3] ?? "MTAwMDAwMDAwMDAwMDAwMDAwMg.local.discord";

const client = new Client({
  intents: [
    GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.GuildMessageReactions,
    GatewayIntentBits.MessageContent, GatewayIntentBits.DirectMessages, GatewayIntentBits.GuildMembers,
  ],
  partials: [Partials.Channel],
  rest: { api: `${url}/api` },
});

async function sim(path, body) {
  const answer = await fetch(url + path, body && {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  return answer.json();
}

async function act(who, action, fields) {
  const answer = await sim("/sim/act", { as: who, action, ...fields });
  assert.ok(answer.ok, `${action}: ${answer.refused}`);
  return answer.reply;
}

const seen = [];
async function until(what, fine) {
  for (let tries = 0; tries < 100; tries += 1) {
    const value = await fine();
    if (value) return value;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited in vain for ${what}; the bot saw ${JSON.stringify(seen)}`);
}

function row(...components) {
  return new ActionRowBuilder().addComponents(...components);
}

client.on(Events.Error, (error) => { throw error; });
client.on(Events.MessageCreate, async (message) => {
  seen.push(["message", message.content]);
  if (message.content !== "card") return;
  const card = await message.channel.send({
    content: "the card",
    embeds: [new EmbedBuilder().setTitle("SEV1").setDescription("Checkout is down").setColor(0xff0000)
      .addFields({ name: "Lead", value: "Mo", inline: true }).setTimestamp()],
    components: [
      row(
        new ButtonBuilder().setCustomId("ack").setLabel("Ack").setEmoji("👀").setStyle(ButtonStyle.Primary),
        new ButtonBuilder().setCustomId("declare").setLabel("Declare").setStyle(ButtonStyle.Secondary),
        new ButtonBuilder().setCustomId("labelled").setLabel("Labelled").setStyle(ButtonStyle.Secondary),
        new ButtonBuilder().setURL("https://example.org/").setLabel("Runbook").setStyle(ButtonStyle.Link),
      ),
      row(new StringSelectMenuBuilder().setCustomId("sev").setPlaceholder("Severity")
        .addOptions({ label: "SEV1", value: "1" }, { label: "SEV2", value: "2" })),
      row(new UserSelectMenuBuilder().setCustomId("who").setPlaceholder("Who")),
    ],
    files: [new AttachmentBuilder(Buffer.from("# notes"), { name: "notes.md", description: "what is known" })],
    nonce: "n-2", enforceNonce: true,
  });
  await card.react("📌");
  await card.pin();
});
client.on(Events.MessageReactionAdd, (reaction) => seen.push(["reaction", reaction.emoji.name]));
client.on(Events.InteractionCreate, async (interaction) => {
  if (interaction.isAutocomplete()) {
    const typed = interaction.options.getFocused();
    await interaction.respond(["SEV1", "SEV2"].filter((one) => one.startsWith(typed)).map((name) => ({ name, value: name })));
  } else if (interaction.isChatInputCommand()) {
    if (interaction.options.getSubcommand() === "new") {
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      const who = interaction.options.getMember("who");
      await interaction.editReply(`opened ${interaction.options.getString("title")} for ${who?.displayName ?? "nobody"}`);
    } else {
      const answer = await interaction.reply({ content: interaction.options.getString("severity"), withResponse: true });
      seen.push(["answered", answer.resource.message.content]);
    }
  } else if (interaction.isMessageContextMenuCommand()) {
    await interaction.reply({ content: `added ${interaction.targetMessage.content}`, flags: MessageFlags.Ephemeral });
    await interaction.followUp({ content: "and once more", flags: MessageFlags.Ephemeral });
    await interaction.deleteReply();
  } else if (interaction.isUserContextMenuCommand()) {
    await interaction.reply(`paged ${interaction.targetMember.displayName}`);
  } else if (interaction.isButton() && interaction.customId === "ack") {
    await interaction.deferUpdate();
    await interaction.editReply({ content: "the card, acknowledged" });
  } else if (interaction.isButton() && interaction.customId === "declare") {
    await interaction.showModal(new ModalBuilder().setCustomId("form").setTitle("Declare").addComponents(
      row(new TextInputBuilder().setCustomId("title").setLabel("Title").setStyle(TextInputStyle.Short)),
    ));
  } else if (interaction.isButton()) {
    await interaction.showModal(new ModalBuilder().setCustomId("labels").setTitle("Labelled").addLabelComponents(
      new LabelBuilder().setLabel("Summary").setTextInputComponent(
        new TextInputBuilder().setCustomId("summary").setStyle(TextInputStyle.Paragraph)),
    ));
  } else if (interaction.isStringSelectMenu()) {
    await interaction.update(`severity ${interaction.values[0]}`);
  } else if (interaction.isUserSelectMenu()) {
    await interaction.reply(`chosen ${interaction.members.first().displayName}`);
  } else if (interaction.isModalSubmit()) {
    const field = interaction.customId === "form" ? "title" : "summary";
    await interaction.reply(`declared ${interaction.fields.getTextInputValue(field)} from ${interaction.isFromMessage()}`);
  }
});

await client.login(token);
await until("READY", () => client.isReady());
const guild = client.guilds.cache.first();
await guild.commands.set([
  new SlashCommandBuilder().setName("inc").setDescription("Incidents")
    .addSubcommand((sub) => sub.setName("new").setDescription("Declare")
      .addStringOption((option) => option.setName("title").setDescription("Title").setRequired(true))
      .addUserOption((option) => option.setName("who").setDescription("Who")))
    .addSubcommand((sub) => sub.setName("sev").setDescription("Severity")
      .addStringOption((option) => option.setName("severity").setDescription("Severity").setRequired(true).setAutocomplete(true))),
  new ContextMenuCommandBuilder().setName("Add to timeline").setType(ApplicationCommandType.Message),
  new ContextMenuCommandBuilder().setName("Page").setType(ApplicationCommandType.User),
]);
const general = guild.channels.cache.find((channel) => channel.name === "general");
const { people } = await sim("/sim/state?as=sam");
const ada = people.find((person) => person.login === "ada");

await act("sam", "say", { channel_id: general.id, text: "card" });
await until("the reaction", () => seen.some(([kind, name]) => kind === "reaction" && name === "📌"));
const card = (await general.messages.fetch({ limit: 10 })).find((message) => message.content === "the card");
assert.equal(await (await fetch(card.attachments.first().url)).text(), "# notes");
await until("the pin", async () => (await general.messages.fetchPins()).items.some((pin) => pin.message.id === card.id));
const here = { message_id: card.id };

assert.equal((await act("sam", "click", { button: "Ack", ...here })).kind, "nothing");
await until("the edit", async () => (await card.fetch()).content === "the card, acknowledged");
let { form } = await act("sam", "click", { button: "Declare", ...here });
let reply = await act("sam", "submit", { form_id: form.form_id, answers: { Title: "Checkout" } });
assert.equal(reply.message.content, "declared Checkout from true");
({ form } = await act("sam", "click", { button: "labelled", ...here }));
reply = await act("sam", "submit", { form_id: form.form_id, answers: { Summary: "all dark" } });
assert.equal(reply.message.content, "declared all dark from true");
reply = await act("sam", "select", { select: "who", values: [ada.id], ...here });
assert.equal(reply.message.content, "chosen Ada");
reply = await act("sam", "select", { select: "sev", values: ["SEV2"], ...here });
assert.equal(reply.kind, "updated");
reply = await act("sam", "slash", { channel_id: general.id, line: "/inc new title:Checkout is down who:@Ada" });
assert.equal(reply.message.content, "opened Checkout is down for Ada");
assert.ok(reply.message.ephemeral);
await act("sam", "slash", { channel_id: general.id, line: "/inc sev SEV1" });
await until("the answer's body", () => seen.some(([kind, text]) => kind === "answered" && text === "SEV1"));
reply = await act("sam", "complete", { channel_id: general.id, line: "/inc sev severity:S" });
assert.deepEqual(reply.choices.map((choice) => choice.value), ["SEV1", "SEV2"]);
await act("sam", "message_menu", { name: "Add to timeline", channel_id: general.id, ...here });
reply = await act("sam", "user_menu", { name: "Page", channel_id: general.id, user_id: ada.id });
assert.equal(reply.message.content, "paged Ada");

const opened = await guild.channels.create({
  name: "INC 2 Checkout", type: ChannelType.GuildText, topic: "[ir:2]",
  permissionOverwrites: [
    { id: guild.id, deny: [PermissionFlagsBits.ViewChannel] },
    { id: client.user.id, allow: [PermissionFlagsBits.ViewChannel, PermissionFlagsBits.SendMessages] },
  ],
});
assert.equal(opened.name, "inc-2-checkout");
await opened.permissionOverwrites.edit(ada.id, { ViewChannel: true });
await opened.permissionOverwrites.delete(ada.id);
const thread = await (await opened.send("start")).startThread({ name: "details" });
await thread.send("in the thread");
await thread.setArchived(true);
const hook = await opened.createWebhook({ name: "Alerts" });
const hooked = await hook.send("from a webhook");
await hook.editMessage(hooked.id, "changed");
await hook.deleteMessage(hooked.id);
await hook.delete();
const direct = await client.users.send(ada.id, "a direct word");
assert.equal(direct.channel.type, ChannelType.DM);
const event = await guild.scheduledEvents.create({
  name: "Drill", privacyLevel: 2, entityType: 3, scheduledStartTime: new Date(Date.now() + 3_600_000),
  scheduledEndTime: new Date(Date.now() + 7_200_000), entityMetadata: { location: "#general" },
});
await event.delete();
await assert.rejects(general.send("x".repeat(2001)), { code: 50035 });
await general.bulkDelete([await general.send("one"), await general.send("two")]);
await opened.delete();
await client.application.fetch();
await guild.members.fetch();
assert.deepEqual(await sim("/sim/unknown-routes"), []);
await client.destroy();
console.log(`discord.js ${version}: all well`);
