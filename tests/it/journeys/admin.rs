//! `/admin`: who sees it, and what it tells those who keep the bot running.

use discord_sim::permissions as p;

use crate::world::World;

#[tokio::test]
async fn whoever_keeps_the_bot_running_reads_what_is_missing_and_how_to_mend_it() {
    let world = World::new().await;
    let general = world.channel("general");
    let nora = world.nora().in_channel(&general);
    nora.types("/admin check")
        .await
        .expect_private()
        .expect("connected to Discord")
        .expect("message content intent is on")
        .expect("no permission is missing")
        .expect("pager.url is not set");

    let usual = p::USUAL_INVITE;
    let discord = world.discord();
    discord.set_role_permissions("Bridgewatch", usual & !p::PIN_MESSAGES & !p::MANAGE_ROLES);
    let missing = nora.types("/admin check").await;
    missing
        .expect("my role lacks Manage Roles, Pin Messages")
        .expect("Server Settings → Roles")
        .expect("permissions=");
    assert!(missing.text().find("✗").unwrap_or(usize::MAX) < missing.text().find("✓").unwrap_or(0));

    discord.set_role_permissions("Bridgewatch", usual | p::ADMINISTRATOR);
    nora.types("/admin check")
        .await
        .expect("I am an administrator");
    discord.set_role_permissions("Bridgewatch", usual);
    world.ends().await;
}

/// Discord itself keeps `/admin` to those who manage the server; why an incident exists is everybody's to know.
#[tokio::test]
async fn discord_shows_admin_to_those_who_manage_the_server_and_why_to_everybody() {
    let world = World::new().await;
    world.alertmanager().fires("api-latency", "critical").await;
    world.discord().set_role_permissions("responder", 0);
    let channel = world.channel("inc-0001-");

    let sam = world.sam().in_channel(&channel);
    for command in ["/admin check", "/admin why", "/admin import"] {
        let refused = sam.in_discord().slash(channel.id, command).await;
        assert!(refused.is_err(), "{command}: {refused:?}");
    }
    sam.types("/inc show view:why").await.expect("api-latency");
    sam.types("/inc more what:import").await;
    let nora = world.nora().in_channel(&channel);
    nora.types("/admin why").await.expect("api-latency");
    world.ends().await;
}
