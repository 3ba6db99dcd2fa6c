//! Mutations of inputs: the same from the same seed on every machine.

/// Mutations that are done to one input at the most.
const MUTATIONS_MAX: usize = 5;
/// Bytes that an input grows to.
const BYTES_MAX: usize = 4_096;

/// Gives inputs one after another.
pub(super) struct Mutator {
    state: u64,
    words: &'static [&'static str],
}

impl Mutator {
    pub(super) fn new(seed: u64, words: &'static [&'static str]) -> Self {
        Self { state: seed, words }
    }

    /// An input of the corpus with some mutations.
    pub(super) fn mutated(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(MUTATIONS_MAX) {
            self.mutate(&mut input, corpus);
        }
        input.truncate(BYTES_MAX);
        input
    }

    fn mutate(&mut self, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        let until = at + self.below((input.len() - at).min(64) + 1);
        match self.below(9) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << (self.state % 8);
                }
            }
            1 => {
                let byte = self.next().to_le_bytes()[0];
                input.insert(at, byte);
            }
            2 | 3 => {
                let word = self.words[self.below(self.words.len())];
                input.splice(at..at, word.bytes());
            }
            4 => {
                let word = self.words[self.below(self.words.len())];
                input.splice(at..until, word.bytes());
            }
            5 => {
                input.drain(at..until);
            }
            6 => {
                let twice = input[at..until].to_vec();
                input.splice(at..at, twice);
            }
            7 => input.truncate(at),
            _ => {
                let other = &corpus[self.below(corpus.len())];
                let from = self.below(other.len() + 1);
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
        }
    }

    /// A number below another one, 0 where that is 0.
    fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::{BYTES_MAX, Mutator};

    #[test]
    fn the_same_seed_gives_the_same_inputs_and_another_seed_others() {
        let corpus = [b"[{\"a\": 1}]".to_vec(), vec![b'x'; 2 * BYTES_MAX]];
        let inputs = |seed| {
            let mut mutator = Mutator::new(seed, &["null", "1e400"]);
            (0..200)
                .map(|_| mutator.mutated(&corpus))
                .collect::<Vec<_>>()
        };
        let first = inputs(7);
        assert_eq!(first, inputs(7));
        assert_ne!(first, inputs(8));
        assert!(first.iter().all(|input| input.len() <= BYTES_MAX));
        let different: std::collections::BTreeSet<_> = first.iter().collect();
        assert!(different.len() > 150, "{}", different.len());
    }
}
