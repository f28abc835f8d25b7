//! Text messages on the v2 wire: messaging sessions with one channel.

use ambient::Instant;

use serde::Serialize;

use super::{IDEMPOTENCY_KEY, Operation, V2};
use crate::{Error, Sms, SmsSession, retry::Repeat};

impl V2 {
    pub(crate) async fn send_sms(&self, sms: &Sms, until: Instant) -> Result<SmsSession, Error> {
        let url = self.address(Operation::SendSms, &[])?;
        let id = sms.id.to_string();
        let body = NewSession {
            to: sms.to.as_str(),
            from: sms.from.as_str(),
            message: &sms.text,
            channels: ["sms"],
        };
        let reply = self
            .transport
            .call("sendSms", Repeat::Harmless, until, |http| {
                http.post(url.clone()).header(IDEMPOTENCY_KEY, &id).json(&body)
            })
            .await?
            .success()?;
        Ok(SmsSession { id: reply.id("sessionId") })
    }
}

#[derive(Serialize)]
struct NewSession<'a> {
    to: &'a str,
    from: &'a str,
    message: &'a str,
    channels: [&'static str; 1],
}
