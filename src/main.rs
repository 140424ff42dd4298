//! `bridgewatch`: one binary, one file to run it.

use std::path::PathBuf;
use std::process::ExitCode;

use bridgewatch::cli;
use clap::{Parser, Subcommand};

/// Gives memory back after a storm, and costs less than the C library's in one; `docs/decisions/0011-jemalloc.md`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The watch on the incident bridge: a Discord bot that runs incidents from the first alert to the postmortem.
#[derive(Debug, Parser)]
#[command(name = "bridgewatch", version, about)]
struct Arguments {
    /// The configuration file; without it, `bridgewatch.toml` here is read if it is there. Every key can also be set as
    /// BRIDGEWATCH__SECTION__KEY.
    #[arg(long, short, global = true, env = "BRIDGEWATCH_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bot.
    Serve,
    /// See one incident live, with a local Discord in the browser: no token, no server, no account.
    #[cfg(feature = "demo")]
    Demo {
        /// Play the whole night without a person, print the transcript and the postmortem, and end.
        #[arg(long)]
        once: bool,
        /// Where the local Discord listens.
        #[arg(long, default_value = "127.0.0.1:8765")]
        listen: std::net::SocketAddr,
        /// How many times as fast as real time the demo's clock runs.
        #[arg(long, default_value_t = 10.0)]
        speed: f64,
    },
    /// Check configuration, runbooks and rota; name every mistake with its place and its mend.
    Check {
        /// Also ask Discord: token, intents, permissions, channels.
        #[arg(long)]
        online: bool,
        /// Make every kind of call the bot uses, in a scratch category that is removed afterwards.
        #[arg(long, requires = "online")]
        exercise: bool,
        /// Somebody who gets a direct message by the exercise, deleted at once; their Discord id.
        #[arg(long, requires = "exercise", value_name = "ID")]
        person: Option<u64>,
    },
    /// Bring the database up to date and end.
    Migrate,
    /// Say what would come of a webhook body, and why; nothing is changed.
    Explain {
        /// A file with the body.
        file: PathBuf,
        /// The source it comes from.
        #[arg(long, default_value = "alertmanager")]
        source: String,
    },
    /// Feed a kept webhook body through the intake again.
    Replay {
        /// The receipt's id, or the first characters of the body's hash; without it the kept ones are listed.
        receipt: Option<String>,
    },
    /// Print how an incident stands, its files, and its newest postmortem as Markdown.
    Export {
        /// The incident, such as INC-0001.
        incident: String,
        /// Also write the files that were copied into this folder; nothing is overwritten.
        #[arg(long, value_name = "DIR")]
        attachments: Option<PathBuf>,
    },
    /// Print the sheet for the night when the bot or Discord is down, with the contacts of `[fallback]`.
    FallbackSheet,
    /// Check that nobody changed the record behind the bot's back; works beside a running bot.
    Audit {
        #[command(subcommand)]
        task: AuditTask,
    },
    /// Lint, show and try runbooks; needs no database, no token and no running bot.
    Runbook {
        #[command(subcommand)]
        task: RunbookTask,
    },
    /// Run the local Discord alone, for bots and clients of any kind.
    #[cfg(feature = "demo")]
    LocalDiscord {
        /// Where it listens.
        #[arg(long, default_value = "127.0.0.1:8765")]
        listen: std::net::SocketAddr,
        /// Write each request as a line of JSON into this file.
        #[arg(long)]
        request_log: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum AuditTask {
    /// Follow every audit log and hold it against what is stored; fails when something is not as it was written.
    Verify {
        /// Only this incident, such as INC-0001.
        incident: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum RunbookTask {
    /// Print every finding as `file:line:column`; fails when a runbook cannot be used.
    Lint {
        /// The folder with the runbooks; without it those of `playbooks.dir`, or those that come with Bridgewatch.
        folder: Option<PathBuf>,
        /// Fail for warnings, too.
        #[arg(long)]
        strict: bool,
    },
    /// List the runbooks, or print one as the checklist it becomes.
    Show {
        /// Its id.
        id: Option<String>,
    },
    /// Say which runbook the alerts of a webhook body get, and why.
    Test {
        /// A file with the body.
        payload: PathBuf,
        /// The source it comes from.
        #[arg(long, default_value = "alertmanager")]
        source: String,
        /// As if the alerts came together as one storm.
        #[arg(long)]
        storm: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = arguments.config.as_deref();
    let result = match arguments.command {
        Command::Serve => cli::serve(config).await,
        #[cfg(feature = "demo")]
        Command::Demo {
            once,
            listen,
            speed,
        } => {
            if once {
                bridgewatch::demo::once().await
            } else {
                bridgewatch::demo::live(listen, speed).await
            }
        }
        Command::Check {
            online,
            exercise,
            person,
        } => {
            let exercise = exercise.then_some(cli::Exercise { person });
            cli::check(config, online, exercise).await
        }
        Command::Migrate => cli::migrate(config).await,
        Command::Explain { file, source } => cli::explain(config, &file, &source).await,
        Command::Replay { receipt } => cli::replay(config, receipt.as_deref()).await,
        Command::FallbackSheet => cli::fallback_sheet(config),
        Command::Audit {
            task: AuditTask::Verify { incident },
        } => cli::audit::verify(config, incident.as_deref()).await,
        Command::Runbook { task } => match task {
            RunbookTask::Lint { folder, strict } => {
                cli::runbook::lint(config, folder.as_deref(), strict)
            }
            RunbookTask::Show { id } => cli::runbook::show(config, id.as_deref()),
            RunbookTask::Test {
                payload,
                source,
                storm,
            } => cli::runbook::test(config, &payload, &source, storm),
        },
        Command::Export {
            incident,
            attachments,
        } => cli::export(config, &incident, attachments.as_deref()).await,
        #[cfg(feature = "demo")]
        Command::LocalDiscord {
            listen,
            request_log,
        } => bridgewatch::demo::local_discord(listen, request_log).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bridgewatch: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
