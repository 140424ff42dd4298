//! The scenario of the outage at 3 AM, line by line.

use crate::carriers::Carrier::{
    Board, Open, Phase, PostmortemSection, RoleCard, Runbook, Step, Update,
};
use crate::carriers::Line;

pub(crate) const SCENARIO: &[Line] = &[
    // Setup
    (
        "3 AM production outage",
        &[Runbook("scenario-3am"), Open("drills")],
    ),
    (
        "Full-stack app (Django backend, React frontend) with AI-assisted features",
        &[Runbook("scenario-3am"), Open("drills")],
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
        &[
            Step("scenario-3am", "internal-update"),
            Update("What we are doing"),
        ],
    ),
    (
        "estimated resolution time",
        &[Step("scenario-3am", "internal-update"), Update("Estimate")],
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
            RoleCard("oncall", "Say in one line what you see"),
            Step("scenario-3am", "take-it"),
            Step("first-minutes", "say-it"),
        ],
    ),
    (
        "On-Call Engineer: Review logs, system metrics, and monitor services",
        &[
            RoleCard("oncall", "Review logs, metrics and monitors"),
            Step("scenario-3am", "logs"),
            Step("scenario-3am", "dashboards"),
        ],
    ),
    (
        "On-Call Engineer: Implement quick fixes, including fallbacks and service restarts",
        &[
            RoleCard("oncall", "AI features off, cached data, restart a service"),
            Step("scenario-3am", "ai-off"),
            Step("scenario-3am", "bring-back"),
        ],
    ),
    (
        "Backend Engineer: Troubleshoot and resolve database/API issues",
        &[
            RoleCard("backend", "Database and API changes"),
            Step("scenario-3am", "reconnect-database"),
        ],
    ),
    (
        "Backend Engineer: Monitor the AI tasks if the issue is related to AI model processing",
        &[
            RoleCard("backend", "Watch the AI tasks when models are involved"),
            Step("ai", "hung-workers"),
            Step("scenario-3am", "fresh-ai-results"),
        ],
    ),
    (
        "Backend Engineer: Validate backend systems after resolution",
        &[
            RoleCard(
                "backend",
                "Check data integrity, endpoints and draining queues",
            ),
            Step("backend", "write-and-read"),
            Step("scenario-3am", "no-lost-work"),
        ],
    ),
    (
        "Frontend Engineer: Verify UI and user-facing errors",
        &[
            RoleCard("frontend", "Collect the error that users see"),
            Step("scenario-3am", "users-see"),
        ],
    ),
    (
        "Frontend Engineer: Ensure users are properly notified (e.g., through error messages or status alerts)",
        &[
            RoleCard(
                "frontend",
                "Make the product tell the truth: banner, friendly error",
            ),
            Step("scenario-3am", "banner"),
        ],
    ),
    (
        "Frontend Engineer: Confirm frontend stability post-fix",
        &[
            RoleCard("frontend", "Confirm in a clean browser"),
            Step("scenario-3am", "main-journey"),
            Step("frontend", "client-errors-normal"),
        ],
    ),
    (
        "Bridge Engineer: Coordinate across teams, ensuring a comprehensive response",
        &[
            RoleCard("bridge", "Who does what, by when?"),
            Step("scenario-3am", "page-people"),
            Board("ROLES"),
        ],
    ),
    (
        "Bridge Engineer: Oversee system-wide issue resolution and prevent siloed problem-solving",
        &[
            RoleCard("bridge", "Keep teams talking to each other"),
            Board("BELIEF"),
            Update("What we are doing"),
        ],
    ),
    (
        "Bridge Engineer: Maintain communication with stakeholders",
        &[
            RoleCard("bridge", "Keep the promised update"),
            Step("scenario-3am", "internal-update"),
            Step("first-minutes", "promise"),
        ],
    ),
    (
        "Documentation Lead: Maintain a real-time incident timeline",
        &[
            RoleCard("docs", "Check start and detection times"),
            Step("scenario-3am", "timeline-complete"),
        ],
    ),
    (
        "Documentation Lead: Document decisions made and steps taken",
        &[
            RoleCard("docs", "Note decisions with their reason, actions with who"),
            PostmortemSection("Mitigation and resolution"),
        ],
    ),
    (
        "Documentation Lead: Write the postmortem report with clear root cause analysis",
        &[
            RoleCard("docs", "a clear cause analysis"),
            Step("scenario-3am", "cause-and-factors"),
            PostmortemSection("Cause and contributing factors"),
        ],
    ),
    // Key takeaways and final reflection
    (
        "Bridge Engineers: cross-team communication and full-system visibility",
        &[
            RoleCard("bridge", "Keep teams talking to each other"),
            Board("IMPACT"),
            Board("ROLES"),
        ],
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
        &[Open("drills")],
    ),
    (
        "coordinated problem-solving, AI troubleshooting, and clear communication",
        &[Open("drills")],
    ),
    (
        "make the system more robust and the team more prepared",
        &[
            Step("scenario-3am", "one-action"),
            PostmortemSection("Actions"),
            Open("drills"),
        ],
    ),
];
