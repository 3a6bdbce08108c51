//! Sets of layers of a publication.

/// Layers of one publication, by their indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LayerSet(u8);

impl LayerSet {
    /// One layer.
    pub(crate) fn of(layer: u8) -> Self {
        Self(1_u8.checked_shl(layer.into()).unwrap_or(0))
    }

    /// Those for which there is an index.
    pub(crate) fn from_indices(indices: impl IntoIterator<Item = u8>) -> Self {
        indices.into_iter().fold(Self::default(), |set, layer| set.with(Self::of(layer)))
    }

    pub(crate) fn contains(self, layer: u8) -> bool {
        self.0 & Self::of(layer).0 != 0
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = u8> {
        (0..8).filter(move |layer| self.contains(*layer))
    }
}

/// Layers of one publication: browsers send three at most.
pub(crate) const MAX_LAYERS: usize = 3;
