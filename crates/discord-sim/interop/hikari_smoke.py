"""Drives a small Hikari bot against a running local Discord and checks what its people see.

    cargo run -p discord-sim --example local_discord 8099
    pip install hikari
    python crates/discord-sim/interop/hikari_smoke.py http://127.0.0.1:8099
"""

import asyncio
import datetime
import sys

import aiohttp
import hikari

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8099"
TOKEN = sys.argv[2] if len(sys.argv) > 2 else "MTAwMDAwMDAwMDAwMDAwMDAwMg.local.discord"
GUILD, ADA, RESPONDER = 1000000000000000001, 1000000000000000102, 1000000000000000011

bot = hikari.GatewayBot(TOKEN, rest_url=f"{URL}/api/v10", intents=hikari.Intents.ALL, banner=None, logs="WARNING")
seen = []


@bot.listen(hikari.Event)
async def note(event):
    seen.append(type(event).__name__)


@bot.listen(hikari.ExceptionEvent)
async def broken(event):
    seen.append(f"broken: {event.exception!r}")


def card():
    first = bot.rest.build_message_action_row()
    first.add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
    first.add_link_button("https://example.org", label="Runbook")
    second = bot.rest.build_message_action_row()
    severity = second.add_text_menu("severity", placeholder="Severity", max_values=2)
    severity.add_option("One", "1")
    severity.add_option("Two", "2", emoji="👀")
    third = bot.rest.build_message_action_row().add_select_menu(hikari.ComponentType.ROLE_SELECT_MENU, "role")
    return [first, second, third]


@bot.listen(hikari.InteractionCreateEvent)
async def answer(event):
    it = event.interaction
    new, update = hikari.ResponseType.MESSAGE_CREATE, hikari.ResponseType.MESSAGE_UPDATE
    if isinstance(it, hikari.AutocompleteInteraction):
        await it.create_response([hikari.impl.AutocompleteChoiceBuilder("SEV1", "SEV1")])
    elif isinstance(it, hikari.ModalInteraction):
        await it.create_initial_response(new, f"form {it.components[0][0].value}")
    elif isinstance(it, hikari.ComponentInteraction) and it.custom_id == "press":
        await it.create_initial_response(update, "pressed")
    elif isinstance(it, hikari.ComponentInteraction):
        await it.create_initial_response(new, f"chosen {','.join(it.values)}", flags=hikari.MessageFlag.EPHEMERAL)
    elif it.command_name == "defer":
        await it.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        await it.edit_initial_response("thought about it")
        more = await it.execute("a follow-up")
        await it.edit_message(more, "changed")
        await it.delete_message(more)
    elif it.command_name == "form":
        row = bot.rest.build_modal_action_row().add_text_input("title", "Title", max_length=50)
        await it.create_modal_response("Form", "form", component=row)
    elif it.command_name == "card":
        await it.create_initial_response(new, "the card", components=card(), embed=hikari.Embed(title="SEV1"))
    elif it.command_name == "Note":
        await it.create_initial_response(new, f"noted {it.target_id}", flags=hikari.MessageFlag.EPHEMERAL)
    else:
        await it.create_initial_response(new, f"pong {it.options[0].value}", attachment=hikari.Bytes("hi", "x.txt"))


async def main():
    rest, http = bot.rest, aiohttp.ClientSession()

    async def sim(path, **body):
        async with http.post(f"{URL}{path}", json=body) as told:
            return await told.json()

    async def act(action, **fields):
        told = await sim("/sim/act", **{"as": "sam", "action": action, **fields})
        assert told["ok"], told
        return told["reply"]

    async def until(what, *names):
        for _ in range(400):
            if any(name in seen for name in names):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited in vain for {what}; the bot saw {seen}")

    await bot.start()
    await until("the guild", "GuildAvailableEvent", "GuildJoinEvent")
    me = bot.get_me()
    slash, option = rest.slash_command_builder, hikari.CommandOption
    ping = slash("ping", "Answers")
    ping.add_option(option(type=hikari.OptionType.STRING, name="text", description="What", autocomplete=True))
    note_it = rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Note")
    commands = [ping, slash("defer", "Defers"), slash("form", "Opens a form"), slash("card", "Posts"), note_it]
    await rest.set_application_commands(me.id, commands, guild=GUILD)
    await rest.set_application_commands(me.id, [])
    assert await rest.fetch_application_guild_commands_permissions(me.id, GUILD) == []

    general = next(one for one in await rest.fetch_guild_channels(GUILD) if one.name == "general")
    here = str(general.id)
    said = lambda reply: reply["message"]["content"]
    assert said(await act("slash", channel_id=here, line="/ping text:hello")) == "pong hello"
    choices = await act("complete", channel_id=here, line="/ping text:S")
    assert choices["choices"] == [{"name": "SEV1", "value": "SEV1"}], choices
    assert said(await act("slash", channel_id=here, line="/defer")) == "thought about it"
    form = (await act("slash", channel_id=here, line="/form"))["form"]
    assert said(await act("submit", form_id=form["form_id"], answers={"title": "T"})) == "form T"
    posted = (await act("slash", channel_id=here, line="/card"))["message"]["id"]
    assert said(await act("select", message_id=posted, select="severity", values=["1", "2"])) == "chosen 1,2"
    assert said(await act("select", message_id=posted, select="role", values=[str(RESPONDER)])) == f"chosen {RESPONDER}"
    assert said(await act("message_menu", name="Note", channel_id=here, message_id=posted)) == f"noted {posted}"
    assert said(await act("click", message_id=posted, button="press")) == "pressed"

    category = await rest.create_guild_category(GUILD, "Incidents", reason="because 📌")
    channel = await rest.create_guild_text_channel(GUILD, "INC 1 Checkout", topic="[ir:1]", category=category)
    assert channel.name == "inc-1-checkout"
    await rest.edit_permission_overwrite(
        channel, ADA, target_type=hikari.PermissionOverwriteType.MEMBER, allow=hikari.Permissions.VIEW_CHANNEL)
    await rest.edit_channel(channel, topic="[ir:1] mitigated")
    files = [hikari.Bytes("a", "a.txt"), hikari.Bytes("b", "b.txt")]
    message = await rest.create_message(channel, f"hello <@{ADA}>", attachments=files, user_mentions=False)
    await rest.create_message(channel, "a reply", reply=message, mentions_reply=False)
    await rest.edit_message(channel, message, "changed", attachment=None)
    await rest.add_reaction(channel, message, "👍")
    assert await rest.fetch_reactions_for_emoji(channel, message, "👍").count() == 1
    await rest.delete_my_reaction(channel, message, "👍")
    await rest.pin_message(channel, message)
    assert len(await rest.fetch_pins(channel)) == 1
    await rest.unpin_message(channel, message)
    assert await rest.fetch_messages(channel, after=message.id).count() >= 1
    thread = await rest.create_message_thread(channel, message, "details")
    await rest.create_message(thread, "in the thread")
    assert await rest.fetch_thread_members(thread).count() == 1
    await rest.edit_channel(thread, archived=True)
    assert await rest.fetch_public_archived_threads(channel).count() == 1
    await rest.create_message(await rest.create_dm_channel(ADA), "a direct word")
    assert await rest.fetch_members(GUILD).count() >= 7
    role = await rest.create_role(GUILD, name="incident-1", mentionable=True)
    await rest.add_role_to_member(GUILD, ADA, role)
    await rest.reposition_roles(GUILD, {2: role})
    await rest.delete_role(GUILD, role)
    begins = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    await rest.create_external_event(GUILD, "Drill", "#general", begins, begins + datetime.timedelta(hours=1))
    await bot.request_guild_members(GUILD)
    await rest.delete_channel(channel)
    await rest.delete_channel(category)

    await sim("/sim/faults", method="POST", route="/channels/*/messages", fault="rate_limit", scope="user",
              retry_after_ms=300)
    await rest.create_message(general, "after a 429")
    for fault in ({"gateway": "reconnect"}, {"gateway": "drop"}, {"gateway": "invalid_session", "resumable": False}):
        seen.clear()
        await sim("/sim/faults", **fault)
        await until(f"the bot to come back after {fault}", "ShardResumedEvent", "ShardReadyEvent")
    seen.clear()
    await act("say", channel_id=here, text="are you there?")
    await until("a message", "GuildMessageCreateEvent")

    async with http.get(f"{URL}/sim/unknown-routes") as told:
        unknown = await told.json()
    assert unknown == [], unknown
    assert not [one for one in seen if one.startswith("broken")], seen
    await bot.close()
    await http.close()
    print(f"hikari {hikari.__version__}: all well")


asyncio.run(main())
