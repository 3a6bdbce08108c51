//! How good a participant wants the pictures to be that it receives from the node.

use std::collections::BTreeSet;

use roomcast_protocol::limits::MAX_PREFERENCES;
use roomcast_protocol::{ErrorCode, Preference, PublicationId, Refusal};

/// The list that they gave last. It may name what is not there any more, or not for them.
#[derive(Debug, Default)]
pub(crate) struct Preferences(Vec<Preference>);

impl Preferences {
    /// Takes a list.
    ///
    /// # Errors
    /// [`ErrorCode::Malformed`] for more than [`MAX_PREFERENCES`], and for a publication that is
    /// named twice.
    pub(crate) fn new(pictures: Vec<Preference>) -> Result<Self, Refusal> {
        if pictures.len() > MAX_PREFERENCES {
            let message = format!("more than {MAX_PREFERENCES} pictures are named");
            return Err(Refusal::new(ErrorCode::Malformed, message));
        }
        let publications: BTreeSet<_> = pictures.iter().map(|one| one.publication).collect();
        if publications.len() < pictures.len() {
            return Err(Refusal::new(ErrorCode::Malformed, "a publication is named twice"));
        }
        Ok(Self(pictures))
    }

    /// What is said about pictures that are received.
    pub(crate) fn about(&self, is_received: impl Fn(PublicationId) -> bool) -> Vec<Preference> {
        self.0.iter().filter(|one| is_received(one.publication)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use roomcast_protocol::Quality;

    use super::*;

    fn wish(publication: u64) -> Preference {
        Preference {
            publication: PublicationId(publication),
            quality: Quality::Low,
            width: 0,
            height: 0,
            spotlight: false,
        }
    }

    #[test]
    fn a_list_is_bounded_and_names_each_publication_once() {
        let most = u64::try_from(MAX_PREFERENCES).unwrap();
        assert!(Preferences::new((0..most).map(wish).collect()).is_ok());
        for bad in [(0..=most).map(wish).collect::<Vec<_>>(), vec![wish(1), wish(1)]] {
            assert_eq!(Preferences::new(bad).unwrap_err().code, ErrorCode::Malformed);
        }
    }

    #[test]
    fn only_what_is_received_is_looked_up() {
        let preferences = Preferences::new(vec![wish(1), wish(2)]).unwrap();
        assert_eq!(preferences.about(|PublicationId(id)| id > 1), [wish(2)]);
    }
}
