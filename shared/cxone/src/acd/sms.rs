//! Text messages: Digital First Omnichannel, one channel for each sender.

use ambient::Instant;

use outbound::E164;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{Acd, Operation, callback::reference, refusal};
use crate::{
    Error, Sms, SmsSession,
    paths::Operation as _,
    reading::{self, Raw},
    retry::Repeat,
};

/// Header with the id of a message. That it prevents a second message is not known.
const TRACE_ID: &str = "X-Trace-Id";

impl Acd {
    /// Sends a text at least once: one whose answer is lost is looked for by the reference in it,
    /// and is reported as not sent if it cannot be found.
    pub(crate) async fn send_sms(&self, sms: &Sms, until: Instant) -> Result<SmsSession, Error> {
        let (base, channel) = self.channel(&sms.from)?;
        let operation = Operation::SendOutbound;
        let url = self.settings.paths.address(base, operation, &[("{channelId}", channel)])?;
        let (id, body) = (sms.id.to_string(), NewMessage::from(sms));
        let sent = self
            .transport
            .call(operation.id(), Repeat::Harmful, until, |http| {
                http.post(url.clone()).header(TRACE_ID, &id).json(&body)
            })
            .await;
        let lost = match sent {
            Ok(reply) if reply.status.is_success() => {
                return Ok(SmsSession { id: session(&reply.body) });
            }
            Ok(reply) => return Err(refusal(reply)),
            Err(Error::Ambiguous { detail }) => detail,
            Err(error) => return Err(error),
        };
        let lost = Error::Transient { detail: lost, retry_after: None, sent: true };
        let reference = reference(sms.id);
        // Without it, another customer's text may be the same.
        if !sms.text.contains(&reference) {
            return Err(lost);
        }
        self.pause_before_reading_back(until).await;
        let found = self.sent_messages(base, channel, &reference, until).await.unwrap_or_default();
        let id = found.first().and_then(|message| reading::id(message.get().as_bytes(), "id"));
        id.map(|id| SmsSession { id: Some(id) }).ok_or(lost)
    }

    /// Number of messages of a sender with a text in them.
    pub(crate) async fn texts_with(
        &self,
        sender: &E164,
        text: &str,
        until: Instant,
    ) -> Result<usize, Error> {
        let (base, channel) = self.channel(sender)?;
        self.sent_messages(base, channel, text, until).await.map(|found| found.len())
    }

    fn channel(&self, sender: &E164) -> Result<(&Url, &str), Error> {
        let channel = self.settings.texts.channel(sender.as_str());
        channel.ok_or_else(|| Error::Invalid {
            detail: "CXONE_DFO_CHANNELS has no text channel for this sender".to_owned(),
        })
    }

    /// The messages with a text in them that were sent, as far as they can be found.
    async fn sent_messages(
        &self,
        base: &Url,
        channel: &str,
        text: &str,
        until: Instant,
    ) -> Result<Vec<Raw>, Error> {
        let operation = Operation::DfoMessages;
        let mut url = self.settings.paths.address(base, operation, &[])?;
        url.query_pairs_mut()
            .append_pair("direction", "outbound")
            .append_pair("contentContains", text)
            .append_pair("channel[]", channel);
        let reply = self
            .transport
            .call(operation.id(), Repeat::Reading, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        if reply.body.is_empty() {
            return Ok(vec![]);
        }
        let found: Messages = reply.read_private("no messages")?;
        Ok(found.data.unwrap_or_default())
    }
}

/// The id of the conversation, else that of the message.
fn session(body: &[u8]) -> Option<String> {
    let sent: Sent = reading::json(body).ok()?;
    let id = |raw: Option<Raw>| reading::id(raw?.get().as_bytes(), "id");
    let session = id(sent.consumer_contact).or_else(|| id(sent.message));
    if session.is_none() {
        tracing::warn!("a success of CXone carries no id that can be read");
    }
    session
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    #[serde(default)]
    consumer_contact: Option<Raw>,
    #[serde(default)]
    message: Option<Raw>,
}

#[derive(Deserialize)]
struct Messages {
    #[serde(default)]
    data: Option<Vec<Raw>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewMessage<'a> {
    message_content: Content<'a>,
    recipients: [Recipient<'a>; 1],
    contact: Case,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    payload: Payload<'a>,
}

#[derive(Serialize)]
struct Payload<'a> {
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recipient<'a> {
    id_on_external_platform: &'a str,
    name: &'a str,
    is_primary: bool,
    is_private: bool,
}

/// The case that a message opens.
#[derive(Serialize)]
struct Case {
    /// Out of the agents' inbox.
    status: &'static str,
}

impl<'a> From<&'a Sms> for NewMessage<'a> {
    fn from(sms: &'a Sms) -> Self {
        let to = sms.to.as_str();
        Self {
            message_content: Content { kind: "TEXT", payload: Payload { text: &sms.text } },
            recipients: [Recipient {
                id_on_external_platform: to,
                name: to,
                is_primary: true,
                is_private: false,
            }],
            contact: Case { status: "resolved" },
        }
    }
}
