//! Answers to requests.

use std::net::SocketAddr;

use stun_types::attribute::{AttributeType, ErrorCode, RawAttribute};
use stun_types::message::{
    Message as Library, MessageClass, MessageType, MessageWriteExt, MessageWriteVec,
};
use stun_types::message::{MessageWrite, Method as LibraryMethod};

use super::address::XorAddress;
use super::attributes::types;
use super::keys::Signature;
use super::message::{Method, Transaction};

/// An answer that is being written.
#[derive(Debug)]
pub(crate) struct Answer {
    message: MessageWriteVec,
    transaction: Transaction,
}

impl Answer {
    pub(crate) fn success(method: Method, transaction: Transaction) -> Self {
        Self::new(MessageClass::Success, method, transaction)
    }

    /// An error with a reason phrase.
    pub(crate) fn error(method: Method, transaction: Transaction, code: u16) -> Self {
        let reason = ErrorCode::default_reason_for_code(code);
        Self::new(MessageClass::Error, method, transaction).error_code(code, reason)
    }

    /// An error without a reason phrase: strangers get no byte more than they must.
    pub(crate) fn short_error(method: Method, transaction: Transaction, code: u16) -> Self {
        Self::new(MessageClass::Error, method, transaction).error_code(code, "")
    }

    fn new(class: MessageClass, method: Method, transaction: Transaction) -> Self {
        let kind = MessageType::from_class_method(class, LibraryMethod::new(method.number()));
        let id = transaction.iter().fold(0_u128, |id, byte| (id << 8) | u128::from(*byte));
        let message = Library::builder(kind, id.into(), MessageWriteVec::with_capacity(CAPACITY));
        Self { message, transaction }
    }

    fn error_code(self, code: u16, reason: &str) -> Self {
        let [class, number] = [code / 100, code % 100].map(|part| part as u8);
        let mut value = vec![0, 0, class, number];
        value.extend_from_slice(reason.as_bytes());
        self.with(types::ERROR_CODE, &value)
    }

    pub(crate) fn with(mut self, kind: u16, value: &[u8]) -> Self {
        let attribute = RawAttribute::new(AttributeType::new(kind), value);
        // Fails only behind an integrity or in a buffer of fixed size.
        let _ = self.message.add_attribute(&attribute);
        self
    }

    pub(crate) fn with_address(self, kind: u16, address: SocketAddr) -> Self {
        let value = XorAddress::new(address, &self.transaction);
        self.with(kind, value.bytes())
    }

    pub(crate) fn with_number(self, kind: u16, number: u32) -> Self {
        self.with(kind, &number.to_be_bytes())
    }

    /// The last but the fingerprint.
    pub(crate) fn signed(mut self, signature: &Signature) -> Self {
        let (key, algorithm) = (signature.key(), signature.algorithm());
        // Fails only where there is one already.
        let _ = self.message.add_message_integrity_with_key(key, algorithm);
        self
    }

    pub(crate) fn length(&self) -> usize {
        self.message.len()
    }

    pub(crate) fn finish(mut self, fingerprint: bool) -> Vec<u8> {
        if fingerprint {
            // Fails only where there is one already.
            let _ = self.message.add_fingerprint();
        }
        self.message.finish()
    }
}

/// Bytes of the longest usual answer: Allocate over IPv6 with SHA-256.
const CAPACITY: usize = 160;
