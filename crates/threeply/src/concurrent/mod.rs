//! The room of what runs beside the caller: [`futures`].

pub mod futures;
