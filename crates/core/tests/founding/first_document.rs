//! The catalogue of failure modes, line by line.

use crate::carriers::Carrier::{Open, PostmortemSection, Runbook, Step};
use crate::carriers::Line;

pub(crate) const FAILURE_MODES: &[Line] = &[
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
        &[Open("drills")],
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
            Open("drills"),
        ],
    ),
];
