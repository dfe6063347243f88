//! What ledgers decide to send, on its way to queues.

use std::time::Duration;

use domain::ledger::Send;
use rand::RngExt;

use crate::queue::{Body, Message};
use crate::workload;
use crate::world::{Event, Sender, World};

/// The waits between tries to send.
const AGAIN: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800)];

impl World<'_> {
    /// The messages of what a ledger decided to send.
    pub(crate) fn compose(&self, job: usize, sends: &[Send]) -> Vec<(usize, Message)> {
        let now = self.now().timestamp();
        let object = &self.jobs[job];
        let Some(ledger) = object.look() else { return Vec::new() };
        let mut messages = Vec::new();
        for send in sends {
            match send {
                Send::Pack(id) => {
                    let Some(pack) = ledger.pack(*id) else { continue };
                    let sent_at = pack.due.max(now);
                    let header = workload::header(object.id, *id, pack.attempt, object.accepted_at, sent_at);
                    let bytes = self.workload.message_bytes(&header, &pack.unsettled);
                    let body = Body::Pack { pack: *id, attempt: pack.attempt, sent_at };
                    let delay = workload::delay(now, pack.due);
                    messages.push((self.lane_of(job), Message { job, body, bytes, delay, retries: 0 }));
                }
                Send::Letters(id) => {
                    let Some(letters) = ledger.letters(*id) else { continue };
                    for (tasks, bytes) in self.workload.letter_messages(&letters.unconfirmed) {
                        let body = Body::Letters { letters: *id, tasks, sent_at: now };
                        messages.push((
                            self.dead_letters(),
                            Message { job, body, bytes, delay: Duration::ZERO, retries: 0 },
                        ));
                    }
                }
            }
        }
        messages
    }

    /// Messages reach their queues. What is refused is tried again as `platform/src/retry.rs` does; then it is left to the
    /// outbox.
    pub(crate) fn send(&mut self, messages: Vec<(usize, Message)>, tries: usize, sender: Sender) {
        let now = self.now();
        let mut left = Vec::new();
        let mut touched = Vec::new();
        for (queue, message) in messages {
            let overtaken = if self.plan.disorder.is_zero() {
                Duration::ZERO
            } else {
                self.plan.disorder.mul_f64(self.rng.random_range(0.0..1.0))
            };
            match self.queues[queue].send(now, message, overtaken) {
                Ok(()) => {
                    let minute = self.gauges.at(now);
                    if queue == self.plan.lanes {
                        minute.letters_sent += 1
                    } else {
                        minute.sent += 1
                    }
                    touched.push(queue);
                }
                Err((_, message)) => left.push((queue, message)),
            }
        }
        touched.dedup();
        touched.into_iter().for_each(|queue| self.look(queue));
        match AGAIN.get(tries) {
            Some(wait) if !left.is_empty() => self.agenda.plan(now.after(*wait), Event::Send(left, tries + 1, sender)),
            _ => {
                self.gauges.refused += left.len() as u64;
                let letters = left.iter().filter(|(queue, _)| *queue == self.plan.lanes).count() as u64;
                let minute = self.gauges.at(now);
                minute.letters_sent += letters;
                minute.sent += left.len() as u64 - letters;
                if let Sender::Pack(id, run) = sender {
                    self.sent(id, run);
                }
            }
        }
    }
}
