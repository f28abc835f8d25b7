//! Dead letters, read again only when their number changes: to read them hides them for a moment.

use std::collections::BTreeMap;

use crate::{
    dead_letters::{Letter, Received},
    queues::DeadLetterQueue,
    stack::Stack,
};

/// Letters of one queue that are read.
const READ_MAX: u64 = 1_000;
/// Letters that the page shows, the newest.
const SHOWN_MAX: usize = 200;

/// The letters as they were read last.
#[derive(Default)]
pub(super) struct Letters {
    counts: BTreeMap<String, u64>,
    newest: Vec<Letter>,
}

impl Letters {
    /// Reads them if there are more or fewer than before.
    pub(super) async fn read(
        &mut self,
        stack: &Stack,
        queues: Vec<DeadLetterQueue>,
    ) -> anyhow::Result<&[Letter]> {
        let counts: BTreeMap<String, u64> =
            queues.iter().map(|queue| (queue.name.clone(), queue.count)).collect();
        if counts != self.counts {
            let few = queues.into_iter().filter(|queue| queue.count <= READ_MAX).collect();
            let mut letters = Received::of(stack, few).await?.release().await?;
            letters.reverse();
            letters.truncate(SHOWN_MAX);
            (self.counts, self.newest) = (counts, letters);
        }
        Ok(&self.newest)
    }

    /// Has them read the next time, whatever their number is.
    pub(super) fn forget(&mut self) {
        self.counts.clear();
    }
}
