//! A client for NICE CXone that speaks the domain of outbound calling.
