//! What is wrong with the publications of one participant now.

use roomcast_protocol::{PublicationTrouble, Source};

/// At most one of each kind for each source.
#[derive(Debug, Default)]
pub(crate) struct Troubles(Vec<(Source, PublicationTrouble)>);

impl Troubles {
    /// All of them, in the order in which they were told.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Source, PublicationTrouble)> {
        self.0.iter().copied()
    }

    /// Notes that something is wrong, or not any more. Whether that is news.
    pub(crate) fn set(&mut self, source: Source, trouble: PublicationTrouble, over: bool) -> bool {
        let like = |(named, known): &(Source, PublicationTrouble)| {
            *named == source && known.is_like(&trouble)
        };
        let known = self.0.iter().position(like).map(|at| self.0.remove(at));
        if over {
            return known.is_some();
        }
        self.0.push((source, trouble));
        known != Some((source, trouble))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_there_once_for_each_source_and_news_when_it_changes() {
        let mut troubles = Troubles::default();
        let loss = |percent| PublicationTrouble::Loss { percent };
        assert!(troubles.set(Source::Camera, loss(5), false));
        assert!(!troubles.set(Source::Camera, loss(5), false));
        assert!(troubles.set(Source::Camera, loss(9), false));
        assert!(troubles.set(Source::Screen, loss(9), false));
        assert!(troubles.set(Source::Camera, PublicationTrouble::BFrames, false));
        assert_eq!(troubles.iter().count(), 3);
        assert!(troubles.set(Source::Camera, loss(1), true));
        assert!(!troubles.set(Source::Camera, loss(1), true));
        assert_eq!(troubles.iter().count(), 2);
    }
}
