//! Questions to begin with.

use serde_json::{Value, json};

use crate::scenario::keys::{self, Key};

/// A question with a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PagePreset {
    /// What a person clicks on.
    pub(crate) name: &'static str,
    /// What it shows, in a sentence.
    pub(crate) lesson: &'static str,
    /// Its options.
    pub(crate) options: &'static [(&'static str, &'static str)],
}

/// All of them; the page opens with the first.
pub(crate) const PRESETS: [PagePreset; 7] = [
    PagePreset {
        name: "Three users",
        lesson: "Each request takes 3 s. With one worker the third user is answered after 9 s.",
        options: &[("workers", "1,2,3,4"), ("service", "3s"), ("clients", "3"), ("cores", "8")],
    },
    PagePreset {
        name: "Flask + Gunicorn",
        lesson: "Sync workers hold one request each, the database included.",
        options: &[
            ("server", "gunicorn"),
            ("workers", "3..12"),
            ("cores", "4"),
            ("cpu", "lognormal(mean=15ms,cv=1)"),
            ("io", "exp(45ms)"),
            ("rate", "60/s"),
            ("precision", "10%"),
        ],
    },
    PagePreset {
        name: "Rails + Puma",
        lesson: "Threads share the lock of their process: they help while requests wait.",
        options: &[
            ("server", "puma"),
            ("workers", "1..6"),
            ("threads", "3"),
            ("cores", "4"),
            ("cpu", "exp(30ms)"),
            ("io", "exp(50ms)"),
            ("rate", "60/s"),
            ("precision", "10%"),
        ],
    },
    PagePreset {
        name: "PHP-FPM",
        lesson: "pm.max_children: too few and the pool waits, too many and the memory ends.",
        options: &[
            ("server", "php-fpm"),
            ("workers", "6..20..2"),
            ("cores", "4"),
            ("cpu", "exp(20ms)"),
            ("io", "exp(40ms)"),
            ("rate", "120/s"),
            ("memory", "1G"),
            ("worker-memory", "55MB"),
            ("precision", "10%"),
        ],
    },
    PagePreset {
        name: "FastAPI",
        lesson: "What waits costs nothing in an event loop; what computes blocks its process.",
        options: &[
            ("server", "uvicorn"),
            ("workers", "1..8"),
            ("cores", "4"),
            ("cpu", "exp(8ms)"),
            ("io", "exp(80ms)"),
            ("rate", "200/s"),
            ("precision", "10%"),
        ],
    },
    PagePreset {
        name: "12–32 on 8 cores",
        lesson: "The rule of thumb beside what this traffic needs.",
        options: &[
            ("workers", "12..32..2"),
            ("cores", "8"),
            ("cpu", "exp(20ms)"),
            ("io", "exp(60ms)"),
            ("rate", "260/s"),
            ("precision", "10%"),
        ],
    },
    PagePreset {
        name: "Health checks beside reports",
        lesson: "A request of a millisecond waits as long as a report does: one queue for both.",
        options: &[
            ("route", "health 25% cpu:1ms | report 75% cpu:100ms io:exp(400ms)"),
            ("workers", "4..10"),
            ("cores", "8"),
            ("rate", "8/s"),
            ("slo", "health:p99<300ms,report:p95<2s"),
            ("precision", "10%"),
        ],
    },
];

/// What the page knows before it asks anything: the presets, and the help of every option.
pub(crate) fn document() -> Value {
    let preset = |preset: &PagePreset| {
        let options: Vec<Value> =
            preset.options.iter().map(|(name, text)| json!([name, text])).collect();
        json!({ "name": preset.name, "lesson": preset.lesson, "options": options })
    };
    let option = |key: &Key| json!({ "name": key.name, "value": key.value, "help": key.help });
    json!({
        "presets": PRESETS.iter().map(preset).collect::<Vec<_>>(),
        "options": keys::KEYS.iter().map(option).collect::<Vec<_>>(),
        "servers": crate::servers::PRESETS.iter().map(|server| server.word).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::question::PageQuestion;

    #[test]
    fn every_preset_is_a_question_with_something_to_choose() {
        for preset in PRESETS {
            let question = PageQuestion::read(preset.options.iter().copied());
            let question = question.unwrap_or_else(|error| panic!("{}: {error}", preset.name));
            assert!(question.plan().cells.len() > 3, "{}", preset.name);
        }
    }
}
