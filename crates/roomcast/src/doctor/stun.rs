//! STUN Binding (RFC 8489), both sides of it: the questions of this program, and answers in place of
//! a node that does not run.

use std::net::SocketAddr;

use roomcast_net::address::canonical;
use stun_types::attribute::XorMappedAddress;
use stun_types::message::{
    BINDING, Message, MessageClass, MessageWrite as _, MessageWriteExt as _, MessageWriteVec,
    TransactionId,
};

/// A question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// What to send.
    pub(super) bytes: Vec<u8>,
    transaction: TransactionId,
}

impl Question {
    /// A Binding request.
    pub(super) fn binding() -> Self {
        let request = Message::builder_request(BINDING, MessageWriteVec::new());
        let transaction = request.transaction_id();
        Self { bytes: request.finish(), transaction }
    }

    /// The address that the answer tells, if this is the answer.
    pub(super) fn answered(&self, bytes: &[u8]) -> Option<SocketAddr> {
        let message = Message::from_bytes(bytes).ok()?;
        let fits = message.has_class(MessageClass::Success)
            && message.transaction_id() == self.transaction;
        let mapped = message.attribute::<XorMappedAddress>().ok()?;
        fits.then(|| canonical(mapped.addr(self.transaction)))
    }
}

/// The answer to a Binding request from `source`. `None` for everything else.
pub(super) fn answer(bytes: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let request = Message::from_bytes(bytes).ok()?;
    if !request.has_class(MessageClass::Request) || !request.has_method(BINDING) {
        return None;
    }
    let mut answer = Message::builder_success(&request, MessageWriteVec::new());
    let mapped = XorMappedAddress::new(canonical(source), request.transaction_id());
    answer.add_attribute(&mapped).ok()?;
    Some(answer.finish())
}

/// Bytes of a STUN message's header.
pub(super) const HEADER_BYTES: usize = 20;

/// Bytes of the whole message whose header this is. At most 65,555.
pub(super) fn message_bytes(header: &[u8; HEADER_BYTES]) -> usize {
    HEADER_BYTES + usize::from(u16::from_be_bytes([header[2], header[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_where_the_question_came_from() {
        for source in ["192.0.2.7:5000", "[2001:db8::1]:5000"] {
            let source: SocketAddr = source.parse().unwrap();
            let question = Question::binding();
            let bytes = answer(&question.bytes, source).unwrap();
            assert_eq!(question.answered(&bytes), Some(source));
            assert_eq!(message_bytes(bytes.first_chunk().unwrap()), bytes.len());
        }
    }

    #[test]
    fn the_answer_to_another_question_is_not_taken() {
        let source = "192.0.2.7:5000".parse().unwrap();
        let bytes = answer(&Question::binding().bytes, source).unwrap();
        assert_eq!(Question::binding().answered(&bytes), None);
        assert_eq!(answer(&bytes, source), None, "an answer is no question");
        assert_eq!(answer(b"GET / HTTP/1.1\r\n\r\n", source), None);
    }
}
