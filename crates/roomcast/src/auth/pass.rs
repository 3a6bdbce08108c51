//! With which right someone enters a room.

use roomcast_protocol::DisplayName;
use roomcast_protocol::server::Role;
use roomcast_room::Admission;

use crate::secret::Secret;

/// What the [`super::Gate`] hands to who may enter. The directory redeems it: it checks the host key in
/// it, if there is one, and opens the room if the pass allows that.
#[derive(Debug, Clone)]
pub(crate) struct Pass {
    /// As what they come.
    pub(crate) admission: Admission,
    /// A host key to be checked. If it fits the room, they come as a host, whatever else the pass says;
    /// if it does not, they are refused.
    pub(crate) host_key: Option<Secret>,
    /// Whether they may open the room when it is not open.
    pub(crate) opens: Opens,
    pub(super) name: Name,
}

/// What a pass is worth where no room of the name is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opens {
    /// They are refused.
    Never,
    /// The room is opened if they asked for that; its host key is made and handed out.
    IfAsked,
    /// The room is opened. Nobody gets a host key: who comes with a token comes again with one.
    ByEntering,
    /// The room is opened, and the host key in the pass becomes its host key.
    WithHostKey,
}

/// Which name they go by.
#[derive(Debug, Clone)]
pub(super) enum Name {
    /// The one they say.
    Free,
    /// This one, unless they say another.
    Default(DisplayName),
    /// This one: whoever gave the token vouches for it.
    Given(DisplayName),
}

impl Pass {
    /// The name to go by, for someone who said `typed`.
    pub(crate) fn name(&self, typed: Option<DisplayName>) -> Option<DisplayName> {
        match &self.name {
            Name::Free => typed,
            Name::Default(name) => Some(typed.unwrap_or_else(|| name.clone())),
            Name::Given(name) => Some(name.clone()),
        }
    }

    /// The admission of someone whose host key fits, or who opens the room: a host, without a ceiling.
    pub(crate) fn as_host(&self) -> Admission {
        Admission { role: Some(Role::Host), grants: None, invited: true, ..self.admission.clone() }
    }
}
