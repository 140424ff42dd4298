//! The night, as the people of the demo live it: from the alerts to the postmortem, with a picture at each turn.

use crate::screen::Screen;

/// The channel that the alerts open.
const CHANNEL: &str = "inc-0001-orders-api-5xx-38";

pub(crate) async fn passes(screen: &mut Screen) -> anyhow::Result<()> {
    the_alerts_wake_sam(screen).await?;
    sam_finds_the_board(screen).await?;
    sam_ticks_steps_and_notes_what_he_sees(screen).await?;
    mo_takes_the_bridge(screen).await?;
    they_say_what_it_is(screen).await?;
    they_stop_the_damage(screen).await?;
    mo_tells_the_stakeholders(screen).await?;
    priya_reads_along(screen).await?;
    they_fix_it(screen).await?;
    it_is_over(screen).await?;
    kim_reads_the_postmortem(screen).await
}

async fn demo_button(screen: &mut Screen, label: &str) -> anyhow::Result<()> {
    if screen.is_phone() {
        screen.presses("Demo").await?;
    }
    screen.presses(label).await
}

/// Opens the pinned board, from wherever one is in the channel: one press.
async fn opens_the_board(screen: &mut Screen) -> anyhow::Result<()> {
    if !screen.shows("Pinned messages").await? {
        screen.presses("Pinned").await?;
    } else {
        screen.scrolls_to("INC-0001 · SEV").await?;
    }
    screen.sees("INC-0001 · SEV").await
}

/// From wherever one is: the channel of the incident.
async fn goes_to_the_incident(screen: &mut Screen) -> anyhow::Result<()> {
    screen.goes_to(CHANNEL).await
}

async fn the_alerts_wake_sam(screen: &mut Screen) -> anyhow::Result<()> {
    screen.sees("Bridgewatch is on watch").await?;
    screen.looks("greeting").await?;
    demo_button(screen, "Fire the 3 AM alerts").await?;
    screen.presses("Read it").await?;
    screen.sees("SEV1").await?;
    screen.looks("page").await?;
    screen.counts_from_here();
    screen.presses("Take it").await?;
    screen.took(1, "taking it")?;
    screen.sees("You have it.").await?;
    screen.looks("taken").await
}

async fn sam_finds_the_board(screen: &mut Screen) -> anyhow::Result<()> {
    screen.presses(&format!("#{CHANNEL}")).await?;
    screen.sees("Diagnosis · step 1 of").await?;
    screen.looks("channel").await?;
    screen.counts_from_here();
    opens_the_board(screen).await?;
    screen.took(1, "finding the board")?;
    screen.sees("Rapid Diagnosis").await?;
    screen.sees("👑 On-Call @Sam").await?;
    screen
        .offers(&["Next step", "Start mitigating", "Update", "Roles", "More…"])
        .await?;
    screen.looks("board").await?;
    screen.presses("More…").await?;
    screen.sees("INC-0001 – more").await?;
    screen.looks("more").await?;
    screen.presses("Severity").await?;
    screen.sees("Not sure? Take the higher one.").await?;
    screen.looks("severity").await?;
    screen.sees("Not as bad: lower it…").await
}

async fn sam_ticks_steps_and_notes_what_he_sees(screen: &mut Screen) -> anyhow::Result<()> {
    opens_the_board(screen).await?;
    screen.presses("Next step").await?;
    screen.sees("Diagnosis · step 1 of").await?;
    screen.looks("step").await?;
    screen.counts_from_here();
    screen.presses("Done").await?;
    screen.took(1, "ticking a step")?;
    screen.sees("Diagnosis · step 2 of").await?;
    screen
        .writes("obs: release 2026.11.3 went out 02:41")
        .await?;
    screen.sees("📌").await?;
    screen.looks("noted").await?;
    // What somebody wrote without a prefix gets into the timeline by its own menu.
    screen.writes("AI workers restart in a loop").await?;
    screen
        .opens_the_menu_of("AI workers restart in a loop")
        .await?;
    screen.looks("message-menu").await?;
    screen.presses("Add to timeline…").await?;
    screen.sees("What happened").await?;
    screen.presses("Submit").await?;
    screen.sees("Take it back").await
}

async fn mo_takes_the_bridge(screen: &mut Screen) -> anyhow::Result<()> {
    screen.becomes("Mo").await?;
    screen.goes_to("Bridgewatch").await?;
    screen.sees("You are proposed as Bridge Engineer").await?;
    screen.looks("proposal").await?;
    screen.counts_from_here();
    screen.presses("Accept").await?;
    screen.took(1, "claiming a role")?;
    screen.sees("First five minutes").await?;
    screen.looks("role").await?;
    screen.becomes("Sam").await?;
    screen.presses("Yes, hand it over").await?;
    opens_the_board(screen).await?;
    screen.sees("👑 Bridge @Mo").await?;
    screen.presses("Roles").await?;
    screen.sees("Bridge @Mo since").await?;
    screen.looks("roles").await
}

async fn they_say_what_it_is(screen: &mut Screen) -> anyhow::Result<()> {
    opens_the_board(screen).await?;
    screen.presses("More…").await?;
    screen.presses("We think it is…").await?;
    screen.sees("In one line; a guess is enough").await?;
    screen.looks("form").await?;
    screen
        .fills(
            "In one line; a guess is enough",
            "AI workers hold DB connections since the 02:41 release",
        )
        .await?;
    screen.presses("Submit").await?;
    screen.sees("Noted as a guess").await?;
    opens_the_board(screen).await?;
    // Its buttons stand lower from then on.
    screen.sees("02:41 release – a guess").await?;
    screen.presses("More…").await?;
    screen.presses("Impact").await?;
    screen
        .fills(
            "Who cannot do what? Numbers if you know",
            "Many users cannot order; AI features do not run",
        )
        .await?;
    screen.presses("Submit").await?;
    screen.sees("Who is hurt is on the board.").await
}

async fn they_stop_the_damage(screen: &mut Screen) -> anyhow::Result<()> {
    opens_the_board(screen).await?;
    screen.sees("Many users cannot order").await?;
    screen.counts_from_here();
    screen.presses("Start mitigating").await?;
    screen.took(1, "the next phase")?;
    screen.sees("Now in Mitigation & Containment.").await?;
    screen.looks("mitigating").await?;
    screen.counts_from_here();
    screen.presses("Undo").await?;
    screen.took(1, "taking it back")?;
    screen
        .sees("Undone: the move to Mitigation & Containment.")
        .await?;
    opens_the_board(screen).await?;
    screen.presses("Start mitigating").await?;
    screen.sees("Now in Mitigation & Containment.").await?;
    screen
        .writes("act: AI features off, cached data on")
        .await?;
    screen
        .writes("dec: roll back 02:41, it correlates and is reversible")
        .await
}

async fn mo_tells_the_stakeholders(screen: &mut Screen) -> anyhow::Result<()> {
    screen.becomes("Mo").await?;
    goes_to_the_incident(screen).await?;
    opens_the_board(screen).await?;
    screen.presses("Update").await?;
    screen.sees("Draft for the stakeholders").await?;
    screen.looks("draft").await?;
    screen.counts_from_here();
    screen.presses_in_the_channel("Send").await?;
    screen.took(1, "sending the drafted update")?;
    screen.sees("went out (@Mo)").await?;
    screen.looks("update-sent").await
}

async fn priya_reads_along(screen: &mut Screen) -> anyhow::Result<()> {
    screen.becomes("Priya").await?;
    screen.goes_to("status-internal").await?;
    screen.sees("Many users cannot order").await?;
    screen.looks("status-internal").await?;
    screen.goes_to("incidents").await?;
    screen.sees("INC-0001").await?;
    screen.looks("incidents").await
}

async fn they_fix_it(screen: &mut Screen) -> anyhow::Result<()> {
    screen.becomes("Sam").await?;
    goes_to_the_incident(screen).await?;
    demo_button(screen, "Clear the alerts").await?;
    // The bot asks once it has been quiet for a while.
    demo_button(screen, "+5 minutes").await?;
    screen.sees("All alerts are clear").await?;
    screen.looks("all-clear-question").await?;
    opens_the_board(screen).await?;
    screen.counts_from_here();
    screen.presses("Impact over → fix it properly").await?;
    screen.took(1, "the impact being over")?;
    screen.sees("User impact is over.").await?;
    screen.looks("impact-over").await?;
    opens_the_board(screen).await?;
    screen.presses("Next step").await?;
    screen.sees("Reconnect the database").await?;
    screen.presses("Done").await?;
    screen.sees("in batches, with backoff").await?;
    screen.sees("⚠ Warning").await?;
    screen.looks("risky-step").await?;
    screen.counts_from_here();
    screen.presses("Done").await?;
    screen.sees("This step is risky.").await?;
    screen.presses("Go on alone").await?;
    screen.took(2, "ticking a risky step")?;
    opens_the_board(screen).await?;
    screen.presses("Fix applied").await?;
    screen.sees("Now in Resolution – validation.").await
}

async fn it_is_over(screen: &mut Screen) -> anyhow::Result<()> {
    screen.becomes("Mo").await?;
    goes_to_the_incident(screen).await?;
    opens_the_board(screen).await?;
    screen.looks("board-in-validation").await?;
    screen.presses("Resolve").await?;
    screen.sees("Resolve INC-0001?").await?;
    screen.sees("✗").await?;
    screen.looks("resolve-not-met").await?;
    screen.presses("Not yet").await?;
    opens_the_board(screen).await?;
    screen.presses("More…").await?;
    screen.presses("Steps").await?;
    screen.looks("steps").await?;
    screen.presses("Tick several…").await?;
    screen
        .presses("Run the health checks and the system tests")
        .await?;
    screen.looks("tick-several").await?;
    screen.presses("Done (1)").await?;
    for _ in 0..4 {
        demo_button(screen, "+5 minutes").await?;
    }
    opens_the_board(screen).await?;
    screen.presses("Resolve").await?;
    screen.looks("resolve-met").await?;
    screen.presses("Resolve anyway").await?;
    screen.sees("Resolved. Thank you.").await?;
    screen.sees("Postmortem draft").await?;
    opens_the_board(screen).await?;
    screen.sees("Postmortem & Learning").await?;
    screen.looks("board-after").await?;
    screen.counts_from_here();
    screen.presses("All-clear").await?;
    screen.looks("all-clear").await?;
    screen.presses("Send: nothing lost").await?;
    screen.took(2, "the all-clear")?;
    screen.sees("The all-clear goes out.").await
}

async fn kim_reads_the_postmortem(screen: &mut Screen) -> anyhow::Result<()> {
    screen.becomes("Kim").await?;
    goes_to_the_incident(screen).await?;
    screen.looks("end-of-the-channel").await?;
    screen.scrolls_to("Postmortem draft").await?;
    screen.looks("postmortem").await?;
    screen.scrolls_to("Show all").await?;
    screen.presses("Show all").await?;
    screen.scrolls_to("Timeline").await?;
    screen.looks("postmortem-timeline").await?;
    screen.goes_to("incidents").await?;
    screen.sees("Postmortem & Learning").await?;
    screen.looks("incidents-after").await
}
