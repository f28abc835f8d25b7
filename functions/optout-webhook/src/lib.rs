//! Takes opt-out events and queues them for the DNC list.
