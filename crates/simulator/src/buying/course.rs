//! The course that a purchase order will take.

use std::collections::VecDeque;

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::calendar::Calendar;

/// The most parts in which an order's goods come.
const PARTS_MAX: u16 = 3;

/// What happens to a purchase order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The draft is sent.
    Send,
    /// The buyer takes less.
    Amend,
    Cancel,
    /// Goods come in; so many parts are still to come after these.
    Receive {
        parts_left: u16,
    },
    /// The buyer waits no longer for the rest.
    Close,
}

/// The steps to come, by day. No step is more than three weeks after the order.
#[derive(Clone, Debug)]
pub(super) struct Course {
    steps: VecDeque<(u16, Step)>,
    expected: Option<u16>,
    /// The day on which the ERP first tells of the order, which may be after the first goods.
    told_on: u16,
}

impl Course {
    pub(super) fn plan(rng: &mut ChaCha8Rng, today: u16) -> Self {
        let mut steps = VecDeque::new();
        let mut day = today;
        if rng.random_ratio(1, 4) {
            day += 1;
            steps.push_back((day, Step::Send));
        }
        let choice = rng.random_range(0..20);
        if choice == 0 {
            steps.push_back((day + 2, Step::Cancel));
        } else {
            if choice == 1 {
                day += 1;
                steps.push_back((day, Step::Amend));
            }
            day += rng.random_range(2..=5);
            let parts = rng.random_range(1..=PARTS_MAX);
            // Of some the last part never comes.
            let is_closed = choice == 2 && parts > 1;
            for part in 1..=parts - u16::from(is_closed) {
                let parts_left = parts - part;
                steps.push_back((day, Step::Receive { parts_left }));
                day += rng.random_range(1..=3);
            }
            if is_closed {
                steps.push_back((day + 4, Step::Close));
            }
        }
        let first_goods = steps
            .iter()
            .find_map(|(day, step)| matches!(step, Step::Receive { .. }).then_some(*day));
        let is_late = rng.random_ratio(1, 12);
        let told_on = first_goods.filter(|_| is_late).map(|day| day + 1);
        Self {
            expected: first_goods.filter(|_| rng.random_ratio(4, 5)),
            told_on: told_on.unwrap_or(today),
            steps,
        }
    }

    pub(super) fn begins_as_draft(&self) -> bool {
        matches!(self.steps.front(), Some((_, Step::Send)))
    }

    pub(super) fn expected(&self) -> Option<u16> {
        self.expected
    }

    /// The next step that is due on a day.
    pub(super) fn due(&mut self, today: u16) -> Option<Step> {
        let (_, step) = self.steps.pop_front_if(|(day, _)| *day <= today)?;
        Some(step)
    }

    /// Whether nothing more happens, and the ERP told of it all.
    pub(super) fn is_over(&self, today: u16, calendar: Calendar) -> bool {
        self.steps.is_empty() && self.is_told_by(today, calendar)
    }

    /// Whether the ERP tells of the order by a day. It holds back nothing beyond the last day.
    pub(super) fn is_told_by(&self, today: u16, calendar: Calendar) -> bool {
        today >= self.told_on || self.told_on >= calendar.days
    }

    /// Whether the ERP held the order back until this day.
    pub(super) fn is_told_first_on(&self, today: u16, calendar: Calendar) -> bool {
        today == self.told_on && self.told_on < calendar.days
    }
}
