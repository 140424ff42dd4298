//! Nothing that the two founding documents ask for may be lost.
//!
//! The project began with two pages: a catalogue of failure modes and the scenario of an outage at 3 AM. Every example,
//! mitigation, action and responsibility in them is quoted below, next to what carries it in the product. A step that
//! is renamed or dropped turns this test red.

use bridgewatch_core::phase;
use bridgewatch_core::role::Role;
use bridgewatch_core::runbook::Library;

/// What makes a quoted line real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carrier {
    /// A step of an embedded runbook: runbook id, step id.
    Step(&'static str, &'static str),
    /// A phase of the incident, by id.
    Phase(&'static str),
    /// A runbook as a whole, by id.
    Runbook(&'static str),
    /// What the holder of a role is told, by role id.
    RoleCard(&'static str),
    /// A section of the postmortem, by its heading.
    PostmortemSection(&'static str),
    /// A line of the board in the incident's channel.
    Board(&'static str),
    /// A drill, by id.
    Drill(&'static str),
}

use Carrier::{Board, Drill, Phase, PostmortemSection, RoleCard, Runbook, Step};

/// One line of a founding document and everything that carries it.
type Line = (&'static str, &'static [Carrier]);

const FAILURE_MODES: &[Line] = &[
    // 1. Common failure modes: category, example, mitigation
    ("Backend Failures", &[Runbook("backend")]),
    (
        "Database downtime",
        &[Step("backend", "database-up"), Step("backend", "fail-over")],
    ),
    (
        "ORM misconfigurations",
        &[
            Step("backend", "last-change"),
            Step("backend", "restore-settings"),
        ],
    ),
    (
        "Connection retries",
        &[
            Step("backend", "retries-back-off"),
            Step("backend", "cache-and-retries"),
        ],
    ),
    (
        "caching",
        &[
            Step("backend", "serve-cached"),
            Step("backend", "cache-and-retries"),
        ],
    ),
    (
        "monitoring",
        &[
            Step("backend", "connection-count"),
            Step("backend", "connections-normal"),
        ],
    ),
    (
        "alerts",
        &[
            Step("backend", "alert-delay"),
            Step("backend", "pool-threshold"),
        ],
    ),
    ("Frontend Failures", &[Runbook("frontend")]),
    (
        "Unhandled exceptions",
        &[
            Step("frontend", "error-tracker"),
            Step("frontend", "fix-with-test"),
        ],
    ),
    (
        "stale state",
        &[
            Step("frontend", "stale-state"),
            Step("frontend", "recover-clients"),
        ],
    ),
    (
        "Error boundaries",
        &[
            Step("frontend", "error-boundary"),
            Step("frontend", "missing-boundary"),
        ],
    ),
    (
        "proper state management",
        &[
            Step("frontend", "migrate-state"),
            Step("frontend", "old-tabs-recover"),
        ],
    ),
    (
        "automated testing",
        &[
            Step("frontend", "fix-with-test"),
            Step("frontend", "test-gap"),
        ],
    ),
    ("Integration Failures", &[Runbook("integration")]),
    (
        "API contract mismatch",
        &[
            Step("integration", "failing-payload"),
            Step("integration", "fix-contract"),
        ],
    ),
    (
        "serialization errors",
        &[
            Step("integration", "failing-payload"),
            Step("integration", "parse-error-ratio"),
        ],
    ),
    (
        "API-first design",
        &[
            Step("integration", "fix-contract"),
            Step("integration", "announce-changes"),
        ],
    ),
    ("contract tests", &[Step("integration", "contract-tests")]),
    (
        "automated CI checks",
        &[Step("integration", "contract-test-in-ci")],
    ),
    ("AI-Specific Failures", &[Runbook("ai")]),
    (
        "Hallucinated responses",
        &[
            Step("ai", "which-kind"),
            Step("ai", "collect-examples"),
            Step("ai", "say-plainly"),
        ],
    ),
    (
        "latency spikes",
        &[Step("ai", "ai-metrics"), Step("ai", "metrics-baseline")],
    ),
    (
        "ethical issues",
        &[
            Step("ai", "harmful-content"),
            Step("ai", "ethical-oversight"),
        ],
    ),
    ("Validation layers", &[Step("ai", "validation-layer")]),
    (
        "prompt engineering",
        &[
            Step("ai", "what-changed"),
            Step("ai", "pin-model"),
            Step("ai", "fix-and-evaluate"),
        ],
    ),
    (
        "fallback logic",
        &[Step("ai", "feature-off"), Step("ai", "fallback-state")],
    ),
    (
        "monitoring (of AI)",
        &[Step("ai", "ai-metrics"), Step("ai", "ai-observability")],
    ),
    ("Security Failures", &[Runbook("security")]),
    (
        "Unauthorized access",
        &[
            Step("security", "stop-access"),
            Step("security", "no-more-access"),
        ],
    ),
    (
        "injection attacks",
        &[
            Step("security", "input-validation"),
            Step("security", "exploit-fails"),
        ],
    ),
    (
        "Role-based access",
        &[
            Step("security", "narrow-roles"),
            Step("security", "access-list"),
        ],
    ),
    ("input validation", &[Step("security", "input-validation")]),
    (
        "penetration testing",
        &[
            Step("security", "exploit-fails"),
            Step("security", "penetration-test"),
        ],
    ),
    ("Performance Failures", &[Runbook("performance")]),
    (
        "High latency",
        &[
            Step("performance", "who-is-slow"),
            Step("performance", "latency-at-target"),
        ],
    ),
    (
        "memory leaks",
        &[
            Step("performance", "memory-over-days"),
            Step("performance", "memory-flat"),
        ],
    ),
    (
        "poor caching",
        &[
            Step("performance", "cache-state"),
            Step("performance", "cache-policy"),
        ],
    ),
    ("Profiling", &[Step("performance", "profile-and-fix")]),
    (
        "load testing",
        &[
            Step("performance", "profile-and-fix"),
            Step("performance", "load-test-in-ci"),
        ],
    ),
    (
        "optimization",
        &[
            Step("performance", "profile-and-fix"),
            Step("performance", "warm-cache"),
        ],
    ),
    (
        "CDN usage",
        &[
            Step("performance", "assets-to-cdn"),
            Step("performance", "page-weight"),
        ],
    ),
    // 2. Detection & observability
    (
        "Centralized logs for backend",
        &[Step("backend", "api-log"), Step("scenario-3am", "logs")],
    ),
    (
        "Centralized logs for frontend",
        &[
            Step("frontend", "error-tracker"),
            Step("scenario-3am", "logs"),
        ],
    ),
    (
        "Centralized logs for AI responses",
        &[Step("ai", "collect-examples"), Step("scenario-3am", "logs")],
    ),
    (
        "Dashboards for API latency",
        &[
            Step("first-minutes", "error-dashboard"),
            Step("performance", "who-is-slow"),
        ],
    ),
    (
        "Dashboards for error rates",
        &[
            Step("first-minutes", "error-dashboard"),
            Step("scenario-3am", "dashboards"),
        ],
    ),
    (
        "Dashboards for AI call metrics",
        &[
            Step("ai", "ai-metrics"),
            Step("scenario-3am", "ai-pipeline"),
        ],
    ),
    (
        "Threshold-based alerts for critical failures",
        &[
            Step("backend", "pool-threshold"),
            Step("performance", "slope-alert"),
        ],
    ),
    (
        "Regression tests",
        &[
            Step("frontend", "fix-with-test"),
            Step("performance", "load-test-in-ci"),
        ],
    ),
    (
        "unit/integration tests",
        &[
            Step("frontend", "test-gap"),
            Step("integration", "contract-tests"),
        ],
    ),
    (
        "AI output verification",
        &[
            Step("ai", "evaluation-passes"),
            Step("scenario-3am", "fresh-ai-results"),
        ],
    ),
    // 3. Mitigation strategies
    (
        "Fail Fast & Graceful Degradation",
        &[
            Step("first-minutes", "safest-step"),
            Step("ai", "feature-off"),
            Step("ai", "breaker-and-timeout"),
        ],
    ),
    (
        "providing fallback UX",
        &[
            Step("frontend", "error-boundary"),
            Step("scenario-3am", "banner"),
        ],
    ),
    (
        "Circuit Breakers: external API calls",
        &[Step("integration", "open-breaker")],
    ),
    (
        "Circuit Breakers: AI integrations",
        &[
            Step("ai", "breaker-and-timeout"),
            Step("scenario-3am", "ai-off"),
        ],
    ),
    (
        "Retries with Exponential Backoff: Reduce transient error impact",
        &[
            Step("backend", "retries-back-off"),
            Step("ai", "retry-tasks"),
            Step("scenario-3am", "retry-batches"),
        ],
    ),
    (
        "Audit & Review: Regularly review AI-generated code, logs, and error trends",
        &[Step("ai", "audit-ai-code")],
    ),
    (
        "Postmortems: Document incidents and root causes to prevent recurrence",
        &[
            PostmortemSection("Cause and contributing factors"),
            Step("scenario-3am", "cause-and-factors"),
        ],
    ),
    // 4. Key takeaways
    (
        "Anticipating failure modes is critical for reliability",
        &[
            Drill("frontend-white-screen"),
            Drill("integration-partner-field"),
            Drill("performance-slow-leak"),
        ],
    ),
    (
        "Observability, monitoring, and proactive auditing prevent small errors from becoming outages",
        &[
            Step("performance", "slope-alert"),
            Step("ai", "audit-ai-code"),
        ],
    ),
    (
        "AI introduces unique failure vectors that require both technical and ethical oversight",
        &[
            Step("ai", "ethical-oversight"),
            Step("ai", "human-review"),
            Drill("ai-confident-wrong"),
        ],
    ),
];

const SCENARIO: &[Line] = &[
    // Setup
    (
        "3 AM production outage",
        &[Runbook("scenario-3am"), Drill("3am-outage")],
    ),
    (
        "Full-stack app (Django backend, React frontend) with AI-assisted features",
        &[Runbook("scenario-3am"), Drill("3am-outage")],
    ),
    (
        "API 500 errors",
        &[
            Step("scenario-3am", "dashboards"),
            Step("scenario-3am", "logs"),
        ],
    ),
    (
        "Slow response times",
        &[
            Step("scenario-3am", "dashboards"),
            Step("scenario-3am", "endpoints-normal"),
        ],
    ),
    (
        "Failed AI tasks (e.g., image processing, recommendation engine)",
        &[
            Step("scenario-3am", "ai-pipeline"),
            Step("scenario-3am", "fresh-ai-results"),
        ],
    ),
    (
        "Monitoring system triggers paging with critical severity",
        &[Board("ALERTS"), Step("scenario-3am", "take-it")],
    ),
    (
        "Alerts include system downtime, AI failures, and backend/API errors",
        &[Board("ALERTS"), Runbook("scenario-3am")],
    ),
    // Objective 1: rapid diagnosis
    (
        "Rapid Diagnosis: Quickly analyze the issue to identify the root cause",
        &[Phase("diagnosis")],
    ),
    (
        "Check logs (both backend and frontend)",
        &[Step("scenario-3am", "logs")],
    ),
    (
        "Review monitoring dashboards for performance spikes or errors",
        &[Step("scenario-3am", "dashboards")],
    ),
    (
        "Examine AI pipeline metrics (latency, error rates)",
        &[
            Step("scenario-3am", "ai-pipeline"),
            Step("ai", "ai-metrics"),
        ],
    ),
    (
        "Look for database connection issues",
        &[
            Step("scenario-3am", "database-connections"),
            Step("first-minutes", "database-and-ai"),
        ],
    ),
    (
        "Look for AI pipeline failures",
        &[Step("scenario-3am", "ai-pipeline")],
    ),
    (
        "Look for recent deployment issues",
        &[
            Step("scenario-3am", "newest-deploy"),
            Step("first-minutes", "what-changed"),
        ],
    ),
    (
        "Database connection errors (timeouts or outages)",
        &[Step("scenario-3am", "leading-suspect"), Runbook("backend")],
    ),
    (
        "AI pipeline issues (e.g., models hanging or failing)",
        &[
            Step("scenario-3am", "leading-suspect"),
            Step("ai", "hung-workers"),
        ],
    ),
    (
        "Recently deployed code causing unforeseen issues",
        &[
            Step("scenario-3am", "leading-suspect"),
            Step("scenario-3am", "roll-back"),
        ],
    ),
    // Objective 2: mitigation and containment
    (
        "Mitigation & Containment: Limit the scope of the outage while investigating further",
        &[Phase("mitigation")],
    ),
    (
        "Enable fallbacks or circuit breakers (e.g., use cached data, disable AI features)",
        &[Step("scenario-3am", "ai-off")],
    ),
    (
        "Rollback the most recent deployments if they correlate with the issue",
        &[
            Step("scenario-3am", "roll-back"),
            Step("backend", "roll-back"),
        ],
    ),
    (
        "Temporarily disable non-essential services to reduce load",
        &[
            Step("scenario-3am", "non-essential-off"),
            Step("backend", "stop-jobs"),
        ],
    ),
    (
        "Notify stakeholders (product owners, managers) with a status update",
        &[Step("scenario-3am", "internal-update"), Board("UPDATE")],
    ),
    (
        "Provide transparency regarding ongoing actions",
        &[Step("scenario-3am", "internal-update"), Board("DOING")],
    ),
    (
        "estimated resolution time",
        &[Step("scenario-3am", "internal-update")],
    ),
    // Objective 3: resolution
    (
        "Resolution: Apply the necessary fix to bring the system back online",
        &[Phase("fix"), Phase("validation")],
    ),
    (
        "Reconnect the database or fix connection settings",
        &[
            Step("scenario-3am", "reconnect-database"),
            Step("backend", "restore-settings"),
        ],
    ),
    (
        "Retry AI tasks or restart AI services if the pipeline is stuck",
        &[
            Step("scenario-3am", "retry-batches"),
            Step("ai", "restart-services"),
        ],
    ),
    (
        "Validate that all relevant services (backend, AI, frontend) are functioning properly after adjustments",
        &[
            Step("scenario-3am", "bring-back"),
            Step("scenario-3am", "health-checks"),
            Step("scenario-3am", "fresh-ai-results"),
            Step("scenario-3am", "main-journey"),
        ],
    ),
    (
        "Run health checks and system tests to ensure the application is stable",
        &[
            Step("scenario-3am", "health-checks"),
            Step("first-minutes", "health-checks"),
        ],
    ),
    (
        "Verify that the AI pipeline is processing tasks as expected",
        &[
            Step("scenario-3am", "fresh-ai-results"),
            Step("ai", "fresh-tasks"),
        ],
    ),
    (
        "Confirm API endpoints are responding with the expected performance",
        &[Step("scenario-3am", "endpoints-normal")],
    ),
    // Objective 4: postmortem and learning
    (
        "Postmortem & Learning: Analyze the incident, document what happened, and implement lessons learned",
        &[Phase("learning")],
    ),
    (
        "Document a detailed timeline of the incident, including initial symptoms, diagnosis, and resolution steps",
        &[
            Step("scenario-3am", "timeline-complete"),
            PostmortemSection("Timeline"),
        ],
    ),
    (
        "Identify the root cause and contributing factors",
        &[
            Step("scenario-3am", "cause-and-factors"),
            PostmortemSection("Cause and contributing factors"),
        ],
    ),
    (
        "Review communication and coordination during the incident",
        &[
            Step("scenario-3am", "communication-review"),
            PostmortemSection("Communication and coordination review"),
        ],
    ),
    (
        "Update monitoring thresholds, ensuring early alerts for similar issues in the future",
        &[
            Step("scenario-3am", "one-action"),
            Step("backend", "pool-threshold"),
            PostmortemSection("Actions"),
        ],
    ),
    (
        "Update incident response playbooks based on what worked or failed",
        &[
            Step("scenario-3am", "one-action"),
            Step("first-minutes", "missing-step"),
            PostmortemSection("Runbook review"),
        ],
    ),
    (
        "Add additional observability for AI tasks if AI-specific failures were hard to detect",
        &[
            Step("scenario-3am", "one-action"),
            Step("ai", "ai-observability"),
            PostmortemSection("Actions"),
        ],
    ),
    // Roles and responsibilities
    (
        "On-Call Engineer: Initial triage and diagnosis",
        &[
            RoleCard("oncall"),
            Step("scenario-3am", "take-it"),
            Step("first-minutes", "say-it"),
        ],
    ),
    (
        "On-Call Engineer: Review logs, system metrics, and monitor services",
        &[
            RoleCard("oncall"),
            Step("scenario-3am", "logs"),
            Step("scenario-3am", "dashboards"),
        ],
    ),
    (
        "On-Call Engineer: Implement quick fixes, including fallbacks and service restarts",
        &[
            RoleCard("oncall"),
            Step("scenario-3am", "ai-off"),
            Step("scenario-3am", "bring-back"),
        ],
    ),
    (
        "Backend Engineer: Troubleshoot and resolve database/API issues",
        &[
            RoleCard("backend"),
            Step("scenario-3am", "reconnect-database"),
        ],
    ),
    (
        "Backend Engineer: Monitor the AI tasks if the issue is related to AI model processing",
        &[
            RoleCard("backend"),
            Step("ai", "hung-workers"),
            Step("scenario-3am", "fresh-ai-results"),
        ],
    ),
    (
        "Backend Engineer: Validate backend systems after resolution",
        &[
            RoleCard("backend"),
            Step("backend", "write-and-read"),
            Step("scenario-3am", "no-lost-work"),
        ],
    ),
    (
        "Frontend Engineer: Verify UI and user-facing errors",
        &[RoleCard("frontend"), Step("scenario-3am", "users-see")],
    ),
    (
        "Frontend Engineer: Ensure users are properly notified (e.g., through error messages or status alerts)",
        &[RoleCard("frontend"), Step("scenario-3am", "banner")],
    ),
    (
        "Frontend Engineer: Confirm frontend stability post-fix",
        &[
            RoleCard("frontend"),
            Step("scenario-3am", "main-journey"),
            Step("frontend", "client-errors-normal"),
        ],
    ),
    (
        "Bridge Engineer: Coordinate across teams, ensuring a comprehensive response",
        &[
            RoleCard("bridge"),
            Step("scenario-3am", "page-people"),
            Board("ROLES"),
        ],
    ),
    (
        "Bridge Engineer: Oversee system-wide issue resolution and prevent siloed problem-solving",
        &[RoleCard("bridge"), Board("BELIEF"), Board("DOING")],
    ),
    (
        "Bridge Engineer: Maintain communication with stakeholders",
        &[
            RoleCard("bridge"),
            Step("scenario-3am", "internal-update"),
            Step("first-minutes", "promise"),
        ],
    ),
    (
        "Documentation Lead: Maintain a real-time incident timeline",
        &[RoleCard("docs"), Step("scenario-3am", "timeline-complete")],
    ),
    (
        "Documentation Lead: Document decisions made and steps taken",
        &[
            RoleCard("docs"),
            PostmortemSection("Mitigation and resolution"),
        ],
    ),
    (
        "Documentation Lead: Write the postmortem report with clear root cause analysis",
        &[
            RoleCard("docs"),
            Step("scenario-3am", "cause-and-factors"),
            PostmortemSection("Cause and contributing factors"),
        ],
    ),
    // Key takeaways and final reflection
    (
        "Bridge Engineers: cross-team communication and full-system visibility",
        &[RoleCard("bridge"), Board("IMPACT"), Board("ROLES")],
    ),
    (
        "Observability and logging are critical in rapidly identifying issues",
        &[
            Step("scenario-3am", "logs"),
            Step("ai", "ai-observability"),
            PostmortemSection("Detection"),
        ],
    ),
    (
        "Postmortems convert a crisis into long-term systemic improvements",
        &[PostmortemSection("Actions")],
    ),
    (
        "Regular drills foster confidence and resilience",
        &[Drill("3am-outage"), Drill("security-token-in-log")],
    ),
    (
        "coordinated problem-solving, AI troubleshooting, and clear communication",
        &[Drill("3am-outage"), Drill("ai-confident-wrong")],
    ),
    (
        "make the system more robust and the team more prepared",
        &[
            Step("scenario-3am", "one-action"),
            PostmortemSection("Actions"),
            Drill("3am-outage"),
        ],
    ),
];

/// The drills, the sections of the postmortem and the lines of the board that a carrier may name. Those parts are not
/// asked here; the names are what they are held to.
const DRILLS: &[&str] = &[
    "3am-outage",
    "frontend-white-screen",
    "integration-partner-field",
    "ai-confident-wrong",
    "security-token-in-log",
    "performance-slow-leak",
];
const POSTMORTEM_SECTIONS: &[&str] = &[
    "Timeline",
    "Detection",
    "Mitigation and resolution",
    "Cause and contributing factors",
    "Communication and coordination review",
    "Runbook review",
    "Actions",
];
const BOARD_LINES: &[&str] = &["IMPACT", "BELIEF", "DOING", "ALERTS", "ROLES", "UPDATE"];

fn all_lines() -> impl Iterator<Item = &'static Line> {
    FAILURE_MODES.iter().chain(SCENARIO)
}

fn exists(carrier: Carrier, library: &Library) -> bool {
    match carrier {
        Step(runbook, step) => library
            .get(runbook)
            .is_some_and(|runbook| runbook.step(step).is_some()),
        Phase(phase) => phase.parse::<phase::Phase>().is_ok(),
        Runbook(runbook) => library.get(runbook).is_some(),
        RoleCard(role) => Role::ALL.iter().any(|known| known.id() == role),
        PostmortemSection(section) => POSTMORTEM_SECTIONS.contains(&section),
        Board(line) => BOARD_LINES.contains(&line),
        Drill(drill) => DRILLS.contains(&drill),
    }
}

#[test]
fn every_line_of_the_founding_documents_is_carried_by_something_that_exists() {
    let library = Library::embedded();
    for (quote, carriers) in all_lines() {
        assert!(!carriers.is_empty(), "nothing carries: {quote}");
        for carrier in *carriers {
            assert!(
                exists(*carrier, &library),
                "{carrier:?} does not exist, it should carry: {quote}"
            );
        }
    }
}

#[test]
fn each_line_is_quoted_once() {
    let mut quotes: Vec<&str> = all_lines().map(|(quote, _)| *quote).collect();
    let count = quotes.len();
    quotes.sort_unstable();
    quotes.dedup();
    assert_eq!(quotes.len(), count);
}

#[test]
fn each_role_is_asked_for_something_in_the_night_of_the_scenario() {
    let library = Library::embedded();
    let night = library
        .get("scenario-3am")
        .expect("the scenario is embedded");
    for role in Role::ALL {
        assert!(
            night.steps.iter().any(|step| step.owner == role),
            "{role} has nothing to do"
        );
    }
}
