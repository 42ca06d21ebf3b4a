//! Recorded clients that waited for their answers.

use super::{Arrival, Source};
use crate::heap::Agenda;
use crate::instant::SimInstant;
use crate::model::Demand;
use crate::time::{Span, Time};

/// One request of a script: what its client does before, and what it asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScriptLine {
    /// How long the client waits before it sends the request.
    pub(crate) think: Span,
    /// What the request asks for.
    pub(crate) demands: Vec<Demand>,
}

/// A closed loop whose requests are written down: whichever client is next takes the next line, as
/// load generators do.
#[derive(Debug)]
pub(crate) struct ScriptSource<'a> {
    lines: &'a [ScriptLine],
    next: usize,
    until: Time,
    coming: Agenda,
    /// When exactly each client comes, and with which line.
    at: Vec<(SimInstant, usize)>,
}

impl<'a> ScriptSource<'a> {
    /// So many clients at time 0, each with its first line; from `until` on nobody sends any more.
    pub(crate) fn new(lines: &'a [ScriptLine], clients: u32, until: Time) -> Self {
        let at = vec![(SimInstant::NEVER, 0); clients as usize];
        let mut source = ScriptSource { lines, next: 0, until, coming: Agenda::new(), at };
        (0..clients).for_each(|client| source.plan(client, SimInstant(0)));
        source
    }

    /// A client takes the next line.
    fn plan(&mut self, client: u32, now: SimInstant) {
        let Some(line) = self.lines.get(self.next) else { return };
        let at = now.after(line.think);
        if at < SimInstant::of(self.until) {
            self.at[client as usize] = (at, self.next);
            self.coming.push(at.instant().0, client);
        }
        self.next += 1;
    }
}

impl Source for ScriptSource<'_> {
    fn peek(&self) -> SimInstant {
        self.coming.peek().map_or(SimInstant::NEVER, |(_, client)| self.at[client as usize].0)
    }

    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        let client = self.coming.pop().map_or(0, |(_, client)| client);
        let line = &self.lines[self.at[client as usize].1];
        demands[..line.demands.len()].copy_from_slice(&line.demands);
        Arrival { client, route: 0, phases: line.demands.len(), patience: Span::MAX }
    }

    fn longest(&self) -> usize {
        self.lines.iter().map(|line| line.demands.len()).max().unwrap_or(0)
    }

    fn answered(&mut self, client: u32, _served: bool, now: SimInstant) {
        self.plan(client, now);
    }
}
