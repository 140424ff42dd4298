"""Drives a small discord.py bot against a running local Discord and checks what its people see.

    cargo run -p discord-sim --example local_discord 8099
    pip install discord.py
    python crates/discord-sim/interop/discord_py_smoke.py http://127.0.0.1:8099
"""

import asyncio
import io
import sys

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8099"
TOKEN = sys.argv[2] if len(sys.argv) > 2 else "MTAwMDAwMDAwMDAwMDAwMDAwMg.local.discord"
Route.BASE = f"{URL}/api/v10"
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(URL.replace("http://", "ws://"))


class Declare(discord.ui.Modal, title="Declare an incident"):
    name = discord.ui.TextInput(label="Title", max_length=100)
    details = discord.ui.TextInput(label="Details", style=discord.TextStyle.paragraph, required=False)

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"declared {self.name.value}")


class LabelledForm(discord.ui.Modal, title="Choose"):
    severity = discord.ui.Label(
        text="Severity",
        component=discord.ui.Select(options=[discord.SelectOption(label="SEV1"), discord.SelectOption(label="SEV2")]),
    )

    async def on_submit(self, interaction):
        await interaction.response.edit_message(content=f"severity {self.severity.component.values[0]}")


class Card(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="Ack", emoji="👀", style=discord.ButtonStyle.primary, custom_id="ack")
    async def ack(self, interaction, button):
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.followup.send("acknowledged", ephemeral=True)

    @discord.ui.button(label="Declare", custom_id="declare")
    async def declare(self, interaction, button):
        await interaction.response.send_modal(Declare())

    @discord.ui.button(label="Choose", custom_id="choose")
    async def choose(self, interaction, button):
        await interaction.response.send_modal(LabelledForm())

    @discord.ui.button(label="Quiet", custom_id="quiet")
    async def quiet(self, interaction, button):
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed quietly")

    @discord.ui.select(placeholder="Severity", custom_id="sev", options=[
        discord.SelectOption(label="SEV1", value="1"), discord.SelectOption(label="SEV2", value="2")])
    async def severity(self, interaction, select):
        await interaction.response.edit_message(content=f"severity {select.values[0]}")

    @discord.ui.select(cls=discord.ui.UserSelect, placeholder="Who", custom_id="who")
    async def who(self, interaction, select):
        await interaction.response.send_message(f"chosen {select.values[0].display_name}")


class Bot(discord.Client):
    def __init__(self):
        intents = discord.Intents.all()
        super().__init__(intents=intents)
        self.tree = app_commands.CommandTree(self)
        self.seen = []

    async def setup_hook(self):
        self.add_view(Card())

    async def on_message(self, message):
        self.seen.append(("message", message.content))
        if message.content == "card":
            file = discord.File(io.BytesIO(b"# notes"), filename="notes.md")
            embed = discord.Embed(title="SEV1", description="Checkout is down", color=0xFF0000)
            embed.add_field(name="Lead", value="Mo")
            sent = await message.channel.send("the card", embed=embed, view=Card(), file=file, nonce="n-1")
            await sent.add_reaction("📌")
            await sent.pin()

    async def on_raw_reaction_add(self, payload):
        self.seen.append(("reaction", str(payload.emoji)))


async def main():
    bot = Bot()
    tree = bot.tree
    group = app_commands.Group(name="inc", description="Incidents")

    @group.command(name="new", description="Declare")
    async def new(interaction: discord.Interaction, title: str, who: discord.Member = None):
        await interaction.response.defer()
        await interaction.followup.send(f"opened {title} for {who.display_name if who else 'nobody'}")

    @group.command(name="sev", description="Severity")
    async def sev(interaction: discord.Interaction, severity: str):
        await interaction.response.send_message(severity, ephemeral=True)

    @sev.autocomplete("severity")
    async def complete(interaction, current):
        return [app_commands.Choice(name=s, value=s) for s in ("SEV1", "SEV2") if s.startswith(current)]

    tree.add_command(group)

    @tree.context_menu(name="Add to timeline")
    async def add(interaction: discord.Interaction, message: discord.Message):
        await interaction.response.send_message(f"added {message.content}", ephemeral=True)

    @tree.context_menu(name="Page")
    async def page(interaction: discord.Interaction, member: discord.Member):
        await interaction.response.send_message(f"paged {member.display_name}")

    async with aiohttp.ClientSession() as http, bot:
        async def act(login, action, **fields):
            async with http.post(f"{URL}/sim/act", json={"as": login, "action": action, **fields}) as answer:
                body = await answer.json()
                assert body["ok"], body
                return body["reply"]

        async def state():
            async with http.get(f"{URL}/sim/state?as=sam") as answer:
                return await answer.json()

        async def until(what, fine):
            for _ in range(100):
                value = fine()
                if value:
                    return value
                await asyncio.sleep(0.05)
            raise AssertionError(f"waited in vain for {what}; the bot saw {bot.seen}")

        running = asyncio.create_task(bot.start(TOKEN))
        running.add_done_callback(lambda task: task.exception() and print(task.exception()))
        await bot.wait_until_ready() if bot.is_ready() else await until("READY", bot.is_ready)
        guild = bot.guilds[0]
        tree.copy_global_to(guild=guild)
        synced = await tree.sync(guild=guild)
        assert {command.name for command in synced} == {"inc", "Add to timeline", "Page"}, synced
        general = discord.utils.get(guild.text_channels, name="general")
        channel = str(general.id)

        await act("sam", "say", channel_id=channel, text="card")
        await until("the pin", lambda: ("reaction", "📌") in bot.seen)
        history = [message async for message in general.history(limit=10)]
        card = next(message for message in history if message.content == "the card")
        assert card.attachments and await card.attachments[0].read() == b"# notes"
        pinned = await until("pins", lambda: True) and [message async for message in general.pins()]
        assert pinned and pinned[0].id == card.id, pinned
        here = {"message_id": str(card.id)}

        reply = await act("sam", "click", button="Ack", **here)
        assert reply["kind"] == "message" and reply["message"]["ephemeral"], reply
        assert reply["message"]["content"] == "acknowledged", reply
        form = (await act("sam", "click", button="Declare", **here))["form"]
        reply = await act("sam", "submit", form_id=form["form_id"], answers={"Title": "Checkout"})
        assert reply["message"]["content"] == "declared Checkout", reply
        form = (await act("sam", "click", button="Choose", **here))["form"]
        reply = await act("sam", "submit", form_id=form["form_id"], answers={"Severity": "SEV2"})
        assert reply["kind"] == "updated" and reply["message"]["content"] == "severity SEV2", reply
        reply = await act("sam", "select", select="sev", values=["SEV1"], **here)
        assert reply["message"]["content"] == "severity 1", reply
        ada = next(person for person in (await state())["people"] if person["login"] == "ada")
        reply = await act("sam", "select", select="who", values=[ada["id"]], **here)
        assert reply["message"]["content"] == "chosen Ada", reply
        assert (await act("sam", "click", button="Quiet", **here))["kind"] == "nothing"

        reply = await act("sam", "slash", channel_id=channel, line="/inc new title:Checkout is down who:@Ada")
        assert reply["message"]["content"] == "opened Checkout is down for Ada", reply
        reply = await act("sam", "complete", channel_id=channel, line="/inc sev severity:SEV")
        assert [choice["value"] for choice in reply["choices"]] == ["SEV1", "SEV2"], reply
        reply = await act("sam", "message_menu", name="Add to timeline", channel_id=channel, **here)
        assert reply["message"]["content"].startswith("added"), reply
        reply = await act("sam", "user_menu", name="Page", channel_id=channel, user_id=ada["id"])
        assert reply["message"]["content"] == "paged Ada", reply

        overwrites = {
            guild.default_role: discord.PermissionOverwrite(view_channel=False),
            guild.me: discord.PermissionOverwrite(view_channel=True, send_messages=True),
        }
        private = await guild.create_text_channel("INC 1 Checkout", topic="[ir:1]", overwrites=overwrites)
        assert private.name == "inc-1-checkout", private.name
        await private.set_permissions(guild.get_member(int(ada["id"])), view_channel=True)
        await private.edit(topic="[ir:1] mitigated")
        thread = await (await private.send("start")).create_thread(name="details")
        await thread.send("in the thread")
        webhook = await private.create_webhook(name="Alerts")
        hooked = await webhook.send("from a webhook", wait=True)
        await hooked.edit(content="changed")
        await hooked.delete()
        await webhook.delete()
        direct = await guild.get_member(int(ada["id"])).send("a direct word")
        await direct.edit(content="changed")
        role = await guild.create_role(name="incident-1", mentionable=True)
        await guild.get_member(int(ada["id"])).add_roles(role)
        await role.delete()
        try:
            await general.send("x" * 2001)
            raise AssertionError("2001 characters went through")
        except discord.HTTPException as error:
            assert error.code == 50035, error
        extra = await general.send("one")
        await general.delete_messages([extra, await general.send("two")])
        await private.delete()
        members = [member async for member in guild.fetch_members(limit=None)]
        assert len(members) >= 7, members

        async with http.get(f"{URL}/sim/unknown-routes") as answer:
            unknown = await answer.json()
        assert unknown == [], unknown
        await bot.close()
    print(f"discord.py {discord.__version__}: all well")


asyncio.run(main())
