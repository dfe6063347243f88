//! A queue and the invocations of its consumer, as Cloudflare describes them.

use std::collections::BTreeMap;
use std::time::Duration;

use config::QueueSettings;
use domain::id::{LetterPackId, PackId};
use domain::indexes::Indexes;
use domain::time::Timestamp;

use crate::limiter::Limiter;
use crate::limits::{BACKLOG_BYTES, CONSUMER_INVOCATIONS, QUEUE_MESSAGES_PER_SECOND};
use crate::moment::Moment;

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// The job that it belongs to.
    pub job: usize,
    /// What it brings.
    pub body: Body,
    /// Its bytes, with the platform's own.
    pub bytes: u64,
    /// How long the queue holds it back.
    pub delay: Duration,
    /// How often it has arrived without being acked.
    pub retries: usize,
}

/// What a message brings.
#[derive(Clone, Debug)]
pub enum Body {
    /// A pack.
    Pack {
        /// Which.
        pack: PackId,
        /// The attempt of its tasks.
        attempt: u8,
        /// When it was sent, or is due.
        sent_at: Timestamp,
    },
    /// Dead letters.
    Letters {
        /// The pack of letters.
        letters: LetterPackId,
        /// Those in this message.
        tasks: Indexes,
        /// When it was sent.
        sent_at: Timestamp,
    },
}

/// A message that arrives.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// Its number in the queue.
    pub number: u64,
    /// The message.
    pub message: Message,
}

/// What a queue does next.
#[derive(Debug)]
pub enum Next {
    /// It invokes its consumer with these. The invocation counts until [`Queue::ended`].
    Invoke(Vec<Delivered>),
    /// Nothing before this moment, unless a message comes or an invocation ends.
    At(Moment),
    /// Nothing, unless a message comes or an invocation ends.
    Idle,
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More than the queue takes in a second.
    TooManyRequests,
    /// The queue is full.
    StorageLimitExceeded,
}

/// A queue.
#[derive(Debug)]
pub struct Queue {
    size: usize,
    wait: Duration,
    retry_delay: Duration,
    max_retries: usize,
    at_once: u64,
    room: u64,
    sent: Limiter,
    delivered: Limiter,
    /// Held back until then.
    delayed: BTreeMap<(Moment, u64), Message>,
    /// In the order of delivery, with when each became ready.
    line: BTreeMap<(Moment, u64), (Moment, Message)>,
    bytes: u64,
    numbered: u64,
    busy: u64,
}

impl Queue {
    /// A queue with these settings; one of `share` equal ones that the platform's limits are divided among.
    pub fn new(settings: &QueueSettings, share: u64) -> Self {
        let at_once = settings.max_concurrency.map_or(CONSUMER_INVOCATIONS, |most| most as u64);
        Self {
            size: settings.max_batch_size,
            wait: Duration::from_secs(settings.max_batch_timeout),
            retry_delay: Duration::from_secs(settings.retry_delay),
            max_retries: settings.max_retries,
            at_once: (at_once / share).max(1),
            room: BACKLOG_BYTES / share,
            sent: Limiter::new(QUEUE_MESSAGES_PER_SECOND / share),
            delivered: Limiter::new(QUEUE_MESSAGES_PER_SECOND / share),
            delayed: BTreeMap::new(),
            line: BTreeMap::new(),
            bytes: 0,
            numbered: 0,
            busy: 0,
        }
    }

    /// Takes a message. It is delivered as if it had come `overtaken` later.
    ///
    /// # Errors
    /// [`Refused`]: the message is not in the queue.
    pub fn send(&mut self, now: Moment, message: Message, overtaken: Duration) -> Result<(), (Refused, Message)> {
        if self.bytes + message.bytes > self.room {
            return Err((Refused::StorageLimitExceeded, message));
        }
        if self.sent.take(now, 1) == 0 {
            return Err((Refused::TooManyRequests, message));
        }
        self.bytes += message.bytes;
        self.numbered += 1;
        let ready = now.after(message.delay);
        if message.delay.is_zero() {
            self.line.insert((ready.after(overtaken), self.numbered), (ready, message));
        } else {
            self.delayed.insert((ready, self.numbered), message);
        }
        Ok(())
    }

    /// A message was not acked: it comes again, unless it did so too often.
    pub fn again(&mut self, now: Moment, delivered: Delivered) {
        let Delivered { number, mut message } = delivered;
        message.retries += 1;
        if message.retries <= self.max_retries {
            self.bytes += message.bytes;
            self.delayed.insert((now.after(self.retry_delay), number), message);
        }
    }

    /// What it does now.
    pub fn next(&mut self, now: Moment) -> Next {
        while let Some(entry) = self.delayed.first_entry()
            && entry.key().0 <= now
        {
            let ((ready, number), message) = entry.remove_entry();
            self.line.insert((ready, number), (ready, message));
        }
        if self.busy >= self.at_once {
            return Next::Idle;
        }
        let Some((_, (ready, _))) = self.line.first_key_value() else {
            return self.delayed.first_key_value().map_or(Next::Idle, |((ready, _), _)| Next::At(*ready));
        };
        let full_or_due = ready.after(self.wait);
        if self.line.len() < self.size && now < full_or_due {
            return Next::At(full_or_due);
        }
        let count = self.delivered.take(now, self.size.min(self.line.len()) as u64);
        if count == 0 {
            return Next::At(self.delivered.again(now));
        }
        self.busy += 1;
        let mut batch = Vec::new();
        for _ in 0..count {
            if let Some(((_, number), (_, message))) = self.line.pop_first() {
                self.bytes -= message.bytes;
                batch.push(Delivered { number, message });
            }
        }
        Next::Invoke(batch)
    }

    /// An invocation ended.
    pub fn ended(&mut self) {
        self.busy -= 1;
    }

    /// Invocations at once, at most.
    pub fn at_once(&self) -> u64 {
        self.at_once
    }

    /// Messages that wait.
    pub fn backlog(&self) -> usize {
        self.line.len() + self.delayed.len()
    }

    /// Bytes that wait.
    pub fn backlog_bytes(&self) -> u64 {
        self.bytes
    }

    /// How long the first in line has been ready.
    pub fn age(&self, now: Moment) -> Duration {
        self.line.first_key_value().map_or(Duration::ZERO, |(_, (ready, _))| now.since(*ready))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn message(bytes: u64, delay: u64) -> Message {
        let tasks = Indexes::new();
        Message {
            job: 0,
            body: Body::Letters { letters: LetterPackId(0), tasks, sent_at: Timestamp::default() },
            bytes,
            delay: Duration::from_secs(delay),
            retries: 0,
        }
    }

    fn settings(size: usize, wait: u64) -> QueueSettings {
        QueueSettings {
            max_batch_size: size,
            max_batch_timeout: wait,
            max_retries: 1,
            retry_delay: 1,
            max_concurrency: None,
        }
    }

    #[test]
    fn a_batch_that_is_not_full_waits_for_its_timeout() {
        let mut queue = Queue::new(&settings(2, 1), 1);
        let now = Moment::default();
        assert!(queue.send(now, message(1, 0), Duration::ZERO).is_ok());
        assert!(matches!(queue.next(now), Next::At(at) if at == now.after(Duration::from_secs(1))));
        assert!(queue.send(now, message(1, 0), Duration::ZERO).is_ok());
        assert!(matches!(queue.next(now), Next::Invoke(batch) if batch.len() == 2));
    }

    #[test]
    fn a_full_queue_takes_nothing_more() {
        let mut queue = Queue::new(&settings(1, 0), 1_000);
        let now = Moment::default();
        assert!(queue.send(now, message(BACKLOG_BYTES / 1_000, 0), Duration::ZERO).is_ok());
        let refused = queue.send(now, message(1, 0), Duration::ZERO).map_err(|(refused, _)| refused);
        assert_eq!(refused, Err(Refused::StorageLimitExceeded));
    }

    #[test]
    fn a_delayed_message_arrives_when_it_is_due_and_not_before() {
        let mut queue = Queue::new(&settings(10, 0), 1);
        let now = Moment::default();
        assert!(queue.send(now, message(1, 5), Duration::ZERO).is_ok());
        let due = now.after(Duration::from_secs(5));
        assert!(matches!(queue.next(now), Next::At(at) if at == due));
        assert!(matches!(queue.next(due), Next::Invoke(batch) if batch.len() == 1));
    }

    proptest! {
        #[test]
        fn never_more_invocations_than_allowed_and_no_message_twice_or_never(
            share in prop::sample::select(vec![1_u64, 10, 50, 125]),
            steps in prop::collection::vec((any::<bool>(), 0..3_u64), 1..400),
        ) {
            let mut queue = Queue::new(&settings(3, 0), share);
            let (mut now, mut busy, mut sent) = (Moment::default(), 0, 0);
            let mut seen = std::collections::BTreeSet::new();
            for (end, delay) in steps {
                now = now.after(Duration::from_millis(10));
                sent += u64::from(queue.send(now, message(1, delay), Duration::ZERO).is_ok());
                while let Next::Invoke(batch) = queue.next(now) {
                    busy += 1;
                    prop_assert!(busy <= queue.at_once());
                    prop_assert!(batch.iter().all(|delivered| seen.insert(delivered.number)));
                }
                if end && busy > 0 {
                    busy -= 1;
                    queue.ended();
                }
            }
            prop_assert_eq!(seen.len() + queue.backlog(), sent as usize);
        }
    }
}
