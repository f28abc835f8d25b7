//! Lists queued numbers on the CXone DNC list in batches.
